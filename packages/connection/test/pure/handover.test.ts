import { describe, expect, test } from 'vitest';
import { decodeFrame } from '@kite/protocol';
import { ltpFrame } from '@kite/testkit';

import { Handover } from '../../src/feed/handover.js';

const INFY = 408_065;
const TCS = 2_953_217;
const lost = { from: 1000, reason: 'lost' };

function frameOf(...tokens: number[]): Uint8Array {
  return ltpFrame(tokens);
}

/** Which instruments of a frame are handed on. */
function keptOf(handover: Handover, ...tokens: number[]): number[] {
  return handover.kept(decodeFrame(frameOf(...tokens))).map(({ instrumentToken }) => instrumentToken);
}

describe('a handover', () => {
  test('reports the gap of an instrument before its first packet here, and once', () => {
    const handover = new Handover();
    handover.arrive([[INFY, lost]]);
    expect(handover.gapsBefore(frameOf(TCS), 2000, 2000)).toEqual([]);
    expect(handover.gapsBefore(frameOf(TCS, INFY), 3000, 3000)).toEqual([
      { from: 1000, to: 3000, reason: 'lost', instrumentTokens: [INFY] },
    ]);
    expect(handover.gapsBefore(frameOf(INFY), 4000, 4000)).toEqual([]);
    expect(handover.isActive).toBe(false);
  });

  test('reports instruments that went out together in one gap', () => {
    const handover = new Handover();
    handover.arrive([
      [INFY, lost],
      [TCS, lost],
    ]);
    expect(handover.gapsBefore(frameOf(INFY, TCS), 3000, 3000)).toMatchObject([
      { instrumentTokens: [INFY, TCS] },
    ]);
  });

  test('an instrument that moves on before it was heard of takes its outage along', () => {
    const handover = new Handover();
    handover.arrive([[INFY, lost]]);
    expect(handover.leave([INFY, TCS], 5000)).toEqual(new Map([[INFY, lost]]));
    expect(handover.gapsBefore(frameOf(INFY), 3000, 3000)).toEqual([]);
  });

  test('knows since when an instrument is not streamed that was not heard of since its source opened anew', () => {
    const handover = new Handover();
    const began = { from: 1000, since: 1000 };
    handover.await([INFY, TCS], began, 5000);
    handover.await([INFY, TCS], { from: 3000, since: 3000 }, 8000);
    expect(handover.gapsBefore(frameOf(TCS), 4000, 4000)).toEqual([]);
    expect([...handover.awaited]).toEqual([[INFY, began]]);
    handover.expire(8000);
    expect(handover.isActive).toBe(true);
    handover.expire(8001);
    expect(handover.isActive).toBe(false);
    handover.await([INFY], began, 9000);
    expect([...handover.leave([INFY], 10_000)]).toEqual([]);
    expect([...handover.awaited]).toEqual([]);
  });

  test('what the old source still brings of an instrument that has gone is not handed on', () => {
    const handover = new Handover();
    handover.leave([INFY], 5000);
    handover.told();
    expect(keptOf(handover, INFY, TCS)).toEqual([TCS]);
    handover.subscribed([INFY]);
    handover.asked(handover.revision);
    expect(keptOf(handover, INFY, TCS)).toEqual([INFY, TCS]);
  });

  test('what is under way of one that lingers is handed on, but not once it is asked for again', () => {
    const handover = new Handover();
    handover.leave([INFY, TCS], 5000);
    handover.linger([INFY]);
    handover.told();
    expect(keptOf(handover, INFY, TCS)).toEqual([INFY]);
    handover.subscribed([INFY]);
    expect(keptOf(handover, INFY)).toEqual([]);
    handover.asked(handover.revision);
    expect(keptOf(handover, INFY)).toEqual([INFY]);
    handover.leave([INFY], 5000);
    handover.told();
    expect(keptOf(handover, INFY)).toEqual([]);
  });

  test('what comes of an instrument that is back ends its gap only once the source has been asked for it again', () => {
    const handover = new Handover();
    handover.leave([INFY, TCS], 5000);
    handover.told();
    handover.subscribed([INFY]);
    const back = handover.revision;
    handover.arrive([[INFY, lost]]);
    expect(handover.gapsBefore(frameOf(INFY), 2000, 2000)).toEqual([]);
    expect(keptOf(handover, INFY)).toEqual([]);
    handover.subscribed([TCS]);
    handover.asked(back);
    expect(keptOf(handover, INFY, TCS)).toEqual([INFY]);
    expect(handover.gapsBefore(frameOf(INFY), 3000, 3000)).toMatchObject([{ from: 1000, to: 3000 }]);
    handover.asked(handover.revision);
    expect(keptOf(handover, TCS)).toEqual([TCS]);
    expect(handover.isActive).toBe(false);
  });

  test('an instrument that is back before the source was told that it goes has never gone', () => {
    const handover = new Handover();
    handover.leave([INFY, TCS], 5000);
    expect(keptOf(handover, INFY, TCS)).toEqual([]);
    handover.subscribed([INFY]);
    expect([handover.revision, keptOf(handover, INFY, TCS)]).toEqual([0, [INFY]]);
    handover.told();
    handover.subscribed([TCS]);
    expect([handover.revision, keptOf(handover, INFY, TCS)]).toEqual([1, [INFY]]);
  });

  test('an instrument that is on its way back is waited for as before, however often it leaves untold', () => {
    const handover = new Handover();
    handover.leave([INFY, TCS], 5000);
    handover.told();
    handover.subscribed([INFY, TCS]);
    handover.leave([INFY, TCS], 5000);
    handover.subscribed([INFY]);
    expect([handover.revision, keptOf(handover, INFY)]).toEqual([1, []]);
    handover.asked(1);
    expect(keptOf(handover, INFY, TCS)).toEqual([INFY]);
    handover.subscribed([TCS]);
    expect([handover.revision, keptOf(handover, TCS)]).toEqual([1, [TCS]]);
  });

  test('an instrument that is back is waited for however long the source cannot be asked for it, and no longer than it stays', () => {
    const handover = new Handover();
    handover.leave([INFY, TCS], 5000);
    handover.told();
    handover.subscribed([INFY, TCS]);
    handover.subscribed([TCS]);
    expect(handover.revision).toBe(1);
    handover.expire(5001);
    expect(keptOf(handover, INFY, TCS)).toEqual([]);
    handover.leave([TCS], 6000);
    handover.asked(1);
    expect(keptOf(handover, INFY, TCS)).toEqual([INFY]);
    handover.expire(6001);
    expect(handover.isActive).toBe(false);
  });

  test('nothing of before is under way for ever', () => {
    const handover = new Handover();
    handover.leave([INFY], 5000);
    handover.told();
    handover.expire(5001);
    expect(handover.isActive).toBe(false);
  });

  test('a gap covers both times where the clock on the wall was set back', () => {
    const handover = new Handover();
    handover.arrive([[INFY, lost]]);
    expect(handover.gapsBefore(frameOf(INFY), 500, 500)).toMatchObject([{ from: 500, to: 1000 }]);
  });
});
