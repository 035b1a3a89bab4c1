import * as simulator from '@kite/simulator';
import { Simulator } from '../src/simulator.js';
import { describe, expect, it } from 'vitest';

describe('the public surface', () => {
  it('is this, and a change of it is a visible one', () => {
    expect(Object.keys(simulator).sort()).toMatchInlineSnapshot(`
      [
        "RecordingWriter",
        "SIMULATOR_ERRORS",
        "readRecording",
        "startSimulator",
        "systemClock",
      ]
    `);
  });

  it('of a simulator is this', () => {
    expect(Object.getOwnPropertyNames(Simulator.prototype).sort()).toMatchInlineSnapshot(`
      [
        "blackhole",
        "broadcast",
        "burst",
        "close",
        "connections",
        "constructor",
        "corrupt",
        "drop",
        "expireTokens",
        "fragment",
        "handshakes",
        "heal",
        "instruments",
        "lag",
        "on",
        "pause",
        "ping",
        "postOrder",
        "publish",
        "refuse",
        "requests",
        "resume",
        "sendBinary",
        "sendError",
        "sendText",
        "sent",
        "setAccessToken",
        "setTicksPerSecond",
        "slowHandshake",
        "stall",
        "stop",
        "truncate",
        "url",
      ]
    `);
  });
});
