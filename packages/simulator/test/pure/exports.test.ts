import { expect, test } from 'vitest';
import * as kite from '@kite/simulator';
import { errorCodeSuite, publicSurface, publicSurfaceSuite } from '@kite/testkit';

import { Simulator } from '../../src/simulator.js';

const INDEX = new URL('../../src/index.ts', import.meta.url);

publicSurfaceSuite(kite, INDEX, 53);
errorCodeSuite(kite.SIMULATOR_ERRORS, 'SIMULATOR', 'RECORDING');

test('the public surface is this, and a change of it is a visible one', async () => {
  expect(await publicSurface(INDEX)).toMatchInlineSnapshot(`
    {
      "types": [
        "AccountOptions",
        "ClientRequest",
        "Clock",
        "ConnectionSelector",
        "DayCalendar",
        "DayTrace",
        "Fault",
        "FaultAction",
        "FaultKind",
        "FaultPlan",
        "FaultSpec",
        "FaultTarget",
        "Handshake",
        "Instrument",
        "InstrumentDefinition",
        "LoggedRequest",
        "Login",
        "NetworkOptions",
        "PartialTick",
        "PendingWork",
        "PlayOptions",
        "RandomSource",
        "ReadRecordingOptions",
        "RecordableFrame",
        "Recorded",
        "RecordedGap",
        "RecordingSource",
        "ReplayOptions",
        "ReplaySummary",
        "Sampling",
        "ScenarioName",
        "SentTick",
        "SessionCounters",
        "SimulateDayOptions",
        "SimulatedConnection",
        "Simulator",
        "SimulatorEvents",
        "SimulatorOptions",
        "SocketEnd",
        "SocketListener",
        "TransportRequest",
        "TransportSocket",
        "VirtualDay",
        "VirtualDayOptions",
        "VirtualTransport",
      ],
      "values": [
        "MarketCalendar",
        "RecordingWriter",
        "SIMULATOR_ERRORS",
        "drawFaults",
        "readRecording",
        "simulateDay",
        "startSimulator",
        "systemClock",
      ],
    }
  `);
});

test('the public surface of a simulator is this', () => {
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
      "expireInstruments",
      "expireTokens",
      "fragment",
      "handshakes",
      "heal",
      "httpUrl",
      "instruments",
      "lag",
      "on",
      "pause",
      "ping",
      "play",
      "playScenario",
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
      "subscribed",
      "truncate",
      "url",
    ]
  `);
});
