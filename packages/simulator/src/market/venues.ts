import { type Exchange, EXCHANGES, type InstrumentGroup, type MarketCalendar } from '@kite/calendar';
import { isTradable } from '@kite/protocol';

import type { Catalogue } from './catalogue.js';
import type { Instrument } from './instrument.js';
import { type MarketChange, marketChanges } from './market-changes.js';
import { profileOf } from './segments.js';
import type { Venue } from './venue.js';
import { WELL_KNOWN } from './well-known.js';

/** The part of a calendar that a simulated day needs. */
export type DayCalendar = Pick<MarketCalendar, 'sessionOf'>;

/** A venue and its day. */
export interface PlannedVenue extends Venue {
  liveliness: number;
  /** In order of time. */
  readonly changes: readonly MarketChange[];
  /** The end of its last phase, Unix milliseconds; unset on a day without a session. */
  readonly closesAt?: number;
}

/** The commodities and pairs with hours other than their exchange's. */
const GROUPS: ReadonlyMap<string, InstrumentGroup> = new Map([
  ...['CASTORSEED', 'GUARGUM', 'MENTHAOIL', 'TURMERIC'].map((name) => [name, 'agri'] as const),
  ...['COTTON', 'CPO', 'KAPAS'].map((name) => [name, 'agri-international'] as const),
  ...['EURUSD', 'GBPUSD', 'USDJPY'].map((name) => [name, 'cross-currency'] as const),
]);
const HAVE_GROUPS: Readonly<Partial<Record<Exchange, readonly InstrumentGroup[]>>> = {
  CDS: ['cross-currency'],
  BCD: ['cross-currency'],
  MCX: ['agri', 'agri-international'],
  NCO: ['agri', 'agri-international'],
};
const STOCKS: readonly Exchange[] = ['NSE', 'BSE'];
const DERIVATIVES: ReadonlySet<string> = new Set(['NFO', 'BFO']);

/** Trading hours on one day: the exchanges of the calendar, and the instruments with their own hours. */
export class Venues {
  readonly #venues = new Map<string, PlannedVenue>();
  readonly #date: string;
  readonly #midnight: number;
  readonly #calendar: DayCalendar;
  #underlyings: ReadonlySet<string> = new Set();

  /** @param midnight the date's midnight, Unix milliseconds */
  constructor(calendar: DayCalendar, date: string, midnight: number) {
    this.#calendar = calendar;
    this.#date = date;
    this.#midnight = midnight;
    for (const exchange of EXCHANGES) {
      this.#add(exchange);
      if (STOCKS.includes(exchange)) this.#add(exchange, 'closing-auction');
      for (const group of HAVE_GROUPS[exchange] ?? []) this.#add(exchange, group);
    }
  }

  get all(): readonly PlannedVenue[] {
    return [...this.#venues.values()];
  }

  /** Notes which stocks have derivatives: the underlyings of this list's contracts. Well-known stocks always do. */
  list({ list }: Catalogue): void {
    this.#underlyings = new Set(
      list.filter(({ exchange }) => DERIVATIVES.has(exchange)).map(({ name }) => name),
    );
  }

  /** The venue with an instrument's hours. */
  of(instrument: Instrument): PlannedVenue {
    const exchange = exchangeOf(instrument);
    const special = this.#hasAuction(instrument) ? 'closing-auction' : GROUPS.get(instrument.name);
    return this.#venues.get(`${exchange} ${special}`) ?? this.#venues.get(exchange)!;
  }

  /** The venues of these instruments, each once. */
  ofAll(instruments: readonly Instrument[]): ReadonlySet<PlannedVenue> {
    return new Set(instruments.map((instrument) => this.of(instrument)));
  }

  #hasAuction({ segment, instrumentType, instrumentToken, tradingsymbol }: Instrument): boolean {
    if (!isTradable(segment) || instrumentType !== 'EQ') return false;
    const isKnown = WELL_KNOWN.some((known) => known.instrumentToken === instrumentToken);
    return isKnown || this.#underlyings.has(tradingsymbol);
  }

  #add(exchange: Exchange, special?: InstrumentGroup | 'closing-auction'): void {
    const options =
      special === undefined
        ? {}
        : special === 'closing-auction'
          ? { closingAuction: true }
          : { group: special };
    const session = this.#calendar.sessionOf(exchange, this.#date, options);
    const key = special === undefined ? exchange : `${exchange} ${special}`;
    const closesAt = session?.phases.at(-1)?.to;
    this.#venues.set(key, {
      liveliness: 0,
      changes: marketChanges(session, this.#midnight),
      ...(closesAt !== undefined && { closesAt }),
    });
  }
}

/** MCX-SX, which the calendar does not know, keeps the hours of NSE. */
function exchangeOf({ exchange, segment }: Instrument): Exchange {
  return [exchange, profileOf(segment).exchange].find(isExchange) ?? 'NSE';
}

function isExchange(name: string): name is Exchange {
  return (EXCHANGES as readonly string[]).includes(name);
}
