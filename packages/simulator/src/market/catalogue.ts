import { Segment } from '@kite/protocol';

import { mix } from '../random.js';
import { Expiries } from './contract.js';
import { describeInstrument, type Instrument, type InstrumentDefinition } from './instrument.js';
import { SEGMENT_PROFILES } from './segments.js';
import { labelOf } from './symbols.js';
import { WELL_KNOWN } from './well-known.js';

/** How many instruments are listed by default. */
export const DEFAULT_INSTRUMENT_COUNT = 10_000;

/** Whether an unlisted token has an instrument (`live`) or none (`silent`). */
export type UnlistedTokens = 'live' | 'silent';

/** Made-up instruments take every third exchange token from here on: real tokens have holes too. */
const FIRST_EXCHANGE_TOKEN = 1_000;
const EXCHANGE_TOKEN_STEP = 3;

/**
 * The instruments of the exchange: the listed ones, and any other with a requested token that could exist. The same
 * seed lists the same instruments.
 */
export class Catalogue {
  readonly list: readonly Instrument[];
  readonly #known = new Map<number, Instrument>();
  readonly #seed: number;
  readonly #silent: ReadonlySet<number>;
  #version: string | undefined;
  readonly #listed: ReadonlySet<number> | undefined;

  /**
   * @param instruments how many to list, over all segments, the well-known ones first; or exactly which
   * @param now Unix milliseconds: contracts are named for the following months
   * @param silent tokens without an instrument
   * @param unlisted whether unlisted tokens have an instrument
   */
  constructor(
    seed: number,
    instruments: number | readonly InstrumentDefinition[],
    now: number,
    silent: Iterable<number> = [],
    unlisted: UnlistedTokens = 'live',
  ) {
    this.#seed = seed;
    this.#silent = new Set(silent);
    this.list = typeof instruments === 'number' ? this.#invent(instruments, now) : this.#take(instruments);
    if (unlisted === 'silent')
      this.#listed = new Set(this.list.map(({ instrumentToken }) => instrumentToken));
  }

  /** The version of the list, as an ETag; changes with any instrument. */
  get version(): string {
    if (this.#version === undefined) {
      const hash = this.list.reduce((sum, one) => mix(sum, hashOf(one)), this.#seed) >>> 0;
      this.#version = `W/"${hash.toString(16).padStart(8, '0')}-${this.list.length.toString(16)}"`;
    }
    return this.#version;
  }

  /** The instrument of a token; `undefined` if there is none. */
  get(token: number): Instrument | undefined {
    if (this.#silent.has(token) || this.#listed?.has(token) === false) return undefined;
    return this.describe(token);
  }

  /** The instrument that this token has, or would have. */
  describe(token: number): Instrument {
    const known = this.#known.get(token);
    if (known !== undefined) return known;
    const described = describeInstrument(token, this.#seed);
    this.#known.set(token, described);
    return described;
  }

  #take(definitions: readonly InstrumentDefinition[]): Instrument[] {
    return definitions.map((definition) => this.#add(definition.instrumentToken, definition));
  }

  #invent(count: number, now: number): Instrument[] {
    const expiries = new Expiries(now);
    const list = WELL_KNOWN.slice(0, count).map(({ instrumentToken }) => this.#add(instrumentToken));
    const missing = count - list.length;
    for (const { segment, share } of SEGMENT_PROFILES.values()) {
      const wanted = Math.round((missing * share) / DEFAULT_INSTRUMENT_COUNT);
      this.#inventSegment(list, segment, Math.min(wanted, count - list.length), expiries);
    }
    this.#inventSegment(list, Segment.NSE, count - list.length, expiries);
    return list;
  }

  #inventSegment(list: Instrument[], segment: Segment, count: number, expiries: Expiries): void {
    let exchangeToken = FIRST_EXCHANGE_TOKEN;
    for (let index = 0; index < count; exchangeToken += EXCHANGE_TOKEN_STEP) {
      const token = exchangeToken * 256 + segment;
      if (this.#known.has(token)) continue;
      const { contract, ...label } = labelOf(segment, index, expiries);
      list.push(this.#add(token, { ...label, ...contract }));
      index++;
    }
  }

  #add(token: number, known: Partial<InstrumentDefinition> = {}): Instrument {
    const instrument = describeInstrument(token, this.#seed, known);
    this.#known.set(token, instrument);
    return instrument;
  }
}

/** A hash of an instrument's line in the list: 32 bits. */
function hashOf(instrument: Instrument): number {
  let hash = instrument.instrumentToken | 0;
  for (const text of [
    instrument.tradingsymbol,
    instrument.name,
    instrument.exchange,
    instrument.expiry ?? '',
  ])
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  for (const value of [instrument.strike, instrument.tickSize, instrument.lotSize, instrument.lastPrice])
    hash = mix(hash, Math.round(value * 10_000) | 0);
  return mix(hash, instrument.instrumentType.charCodeAt(0));
}
