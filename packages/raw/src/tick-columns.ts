import { checkOptions, optionRules } from '@kite/kit';
import { type DecodeOptions, FrameWalker, KiteInputError } from '@kite/protocol';

import { BLANK, type Columns, DEPTH_COLUMNS, ROW_COLUMNS, writeRow } from './columns-row.js';
import { Levels } from './wire-offsets.js';

/** The options of {@link TickColumns}. */
export interface TickColumnsOptions extends DecodeOptions {
  /** The initial room, in rows. Default 1024. */
  capacity?: number | undefined;
  /** Whether the depth columns are filled. Default true; false leaves them empty and saves 480 bytes a row. */
  depth?: boolean | undefined;
}

const DEFAULT_CAPACITY = 1024;

const RULES = {
  capacity: optionRules.positiveInteger,
  depth: optionRules.boolean,
  divisors: optionRules.object,
  onIssue: optionRules.function,
};

/**
 * Ticks as a struct of typed arrays, one row per packet: for scans over many ticks, or as input for array code. Filling
 * makes no object while the rows fit.
 *
 * ```ts
 * const columns = new TickColumns({ capacity: 4096 });
 * columns.append(frame);
 * for (let row = 0; row < columns.rows; row++) highest = Math.max(highest, columns.lastPrice[row]!);
 * columns.clear();
 * ```
 *
 * The values are those of `decodeFrame`. If the packet's kind lacks the field, or a tick has null, a price, change or
 * time is NaN and a quantity 0; `packetLength` distinguishes the kinds.
 *
 * When the rows no longer fit, the columns double in size and become new arrays, so always read them from this object.
 * Only the first {@link rows} of each column hold ticks.
 */
export class TickColumns implements Columns {
  /** Whether the depth columns are filled; if not, they are empty. */
  readonly depth: boolean;
  /** The packet's length, which identifies its kind: 8 ltp, 28 and 32 index, 44 quote, 184 full. */
  readonly packetLength: Uint8Array = new Uint8Array();
  /** As in Kite's instruments list. */
  readonly instrumentToken: Uint32Array = new Uint32Array();
  /** In rupees, like all prices here. */
  readonly lastPrice: Float64Array = new Float64Array();
  /** Units of the last trade. */
  readonly lastTradedQuantity: Uint32Array = new Uint32Array();
  /** Volume-weighted over the day. */
  readonly averageTradedPrice: Float64Array = new Float64Array();
  /** Units traded today. */
  readonly volumeTraded: Uint32Array = new Uint32Array();
  /** Units of all open buy orders. */
  readonly totalBuyQuantity: Uint32Array = new Uint32Array();
  /** Units of all open sell orders. */
  readonly totalSellQuantity: Uint32Array = new Uint32Array();
  /** The day's first price. */
  readonly open: Float64Array = new Float64Array();
  /** The day's highest price. */
  readonly high: Float64Array = new Float64Array();
  /** The day's lowest price. */
  readonly low: Float64Array = new Float64Array();
  /** The previous session's close. */
  readonly close: Float64Array = new Float64Array();
  /** In rupees; NaN if close is 0, except for an index. */
  readonly netChange: Float64Array = new Float64Array();
  /** NaN if close is 0. */
  readonly changePercent: Float64Array = new Float64Array();
  /** Unix milliseconds. */
  readonly lastTradeTime: Float64Array = new Float64Array();
  /** Open interest, in units. */
  readonly oi: Uint32Array = new Uint32Array();
  /** The day's highest open interest, in units. */
  readonly oiDayHigh: Uint32Array = new Uint32Array();
  /** The day's lowest open interest, in units. */
  readonly oiDayLow: Uint32Array = new Uint32Array();
  /** Unix milliseconds. */
  readonly exchangeTimestamp: Float64Array = new Float64Array();
  /** Five a row, the best first: level `i` of a row is at `row * 5 + i`, as in all depth columns. */
  readonly buyQuantity: Uint32Array = new Uint32Array();
  /** Bid prices, in rupees; 0 if a level is empty. */
  readonly buyPrice: Float64Array = new Float64Array();
  /** Open orders that make up the quantity. */
  readonly buyOrders: Uint16Array = new Uint16Array();
  /** Units on offer. */
  readonly sellQuantity: Uint32Array = new Uint32Array();
  /** Prices on offer, in rupees; 0 if a level is empty. */
  readonly sellPrice: Float64Array = new Float64Array();
  /** Open orders that make up the quantity. */
  readonly sellOrders: Uint16Array = new Uint16Array();

  readonly #walker: FrameWalker;
  #rows = 0;
  #capacity = 0;

  /**
   * @throws KiteInputError `KITE_RAW_INVALID_OPTION` for an unknown option, or a capacity other than a positive integer
   * @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR`
   */
  constructor(options: TickColumnsOptions = {}) {
    checkOptions(KiteInputError, 'KITE_RAW_INVALID_OPTION', options, RULES);
    const { capacity = DEFAULT_CAPACITY, depth = true, ...decoding } = options;
    this.#walker = new FrameWalker(decoding);
    this.depth = depth;
    this.#resize(capacity);
  }

  /** Filled rows. */
  get rows(): number {
    return this.#rows;
  }

  /** Rows that fit before the columns grow. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Empties all rows; the capacity stays. */
  clear(): void {
    this.#rows = 0;
  }

  /**
   * Adds a row for each tick of the frame, in order, and returns their number.
   *
   * @throws KiteInputError `KITE_PROTOCOL_INVALID_FRAME` for anything but a byte array
   * @throws whatever `onIssue` throws
   */
  append(frame: Uint8Array): number {
    const before = this.#rows;
    const walker = this.#walker;
    walker.reset(frame);
    while (walker.next()) {
      const row = this.#rows;
      if (row === this.#capacity) this.#resize(2 * row);
      writeRow(this, row, walker);
      this.#rows = row + 1;
    }
    return this.#rows - before;
  }

  #resize(capacity: number): void {
    const depthCells = this.depth ? capacity * Levels.count : 0;
    // Make all before replacing any: if memory runs out, the columns stay as they are.
    const columns = [
      ...ROW_COLUMNS.map((name) => [name, grown(this[name], capacity)] as const),
      ...DEPTH_COLUMNS.map((name) => [name, grown(this[name], depthCells)] as const),
    ];
    Object.assign(this, Object.fromEntries(columns));
    this.#capacity = capacity;
  }
}

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** The column grown to `length` cells, the new ones blank. */
function grown(column: Column, length: number): Column {
  const Kind = column.constructor as new (length: number) => Column;
  const next = new Kind(length).fill(BLANK);
  next.set(column);
  return next;
}
