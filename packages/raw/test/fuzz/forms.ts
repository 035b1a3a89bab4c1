import assert from 'node:assert/strict';
import { decodeFrame, encodeFrame, type FrameIssue } from '@kite/protocol';
import {
  asIndexQuote32,
  asInstHeader64,
  asTickRaw,
  decodeLazy,
  FrameCursor,
  INDEX_QUOTE_SIZE,
  INST_HEADER_SIZE,
  packets,
  TICK_FULL_SIZE,
  TickColumns,
} from '@kite/raw';
import { FRAME_OF_EACH_KIND, type FuzzTarget, VECTOR_FRAME } from '@kite/testkit';

const VIEWS: { view: (body: Uint8Array) => object | null; sizes: number[] }[] = [
  { view: asTickRaw, sizes: [TICK_FULL_SIZE] },
  { view: asIndexQuote32, sizes: [INDEX_QUOTE_SIZE] },
  { view: asInstHeader64, sizes: [INST_HEADER_SIZE, TICK_FULL_SIZE] },
];

/** Every form of a frame says what `decodeFrame` says: lazy ticks, a cursor, columns, packets and views. */
export const target: FuzzTarget = {
  seeds: [VECTOR_FRAME, FRAME_OF_EACH_KIND, encodeFrame([])],
  run(input) {
    const issues: FrameIssue[] = [];
    const ticks = decodeFrame(input, { onIssue: (issue) => issues.push(issue) });
    const pricesAndTokens = ticks.map(({ instrumentToken, lastPrice }) => [instrumentToken, lastPrice]);

    const ofLazy: FrameIssue[] = [];
    const lazy = decodeLazy(input, { onIssue: (issue) => ofLazy.push(issue) });
    assert.deepEqual([lazy.map((tick) => tick.toTick()), ofLazy], [ticks, issues]);
    assert.equal(JSON.stringify(lazy.map((tick) => tick.copy())), JSON.stringify(ticks));

    const ofCursor: FrameIssue[] = [];
    const cursor = new FrameCursor({ onIssue: (issue) => ofCursor.push(issue) });
    const stops: number[][] = [];
    cursor.reset(input);
    while (cursor.next()) stops.push([cursor.instrumentToken, cursor.lastPrice]);
    assert.deepEqual([stops, ofCursor], [pricesAndTokens, issues]);

    const columns = new TickColumns();
    columns.append(input);
    const rows = ticks.map((_, row) => [columns.instrumentToken[row], columns.lastPrice[row]]);
    assert.deepEqual([columns.rows, rows], [ticks.length, pricesAndTokens]);

    const bodies = [...packets(input)];
    assert.deepEqual(decodeFrame(encodeFrame(bodies)), ticks);
    for (const body of bodies)
      for (const { view, sizes } of VIEWS) assert.equal(view(body) !== null, sizes.includes(body.length));
  },
};
