import type { Exchange } from './exchange.js';

/** A day, or half a day, without trading. */
export interface Holiday {
  /** One exchange or several. */
  readonly exchange: Exchange | readonly Exchange[];
  /** In India, as `YYYY-MM-DD`. */
  readonly date: string;
  /** For people. */
  readonly name?: string | undefined;
  /** On MCX and NCO, the session that is left out: before or from 17:00. Default `all-day`. */
  readonly closed?: 'all-day' | 'morning' | 'evening' | undefined;
}

/** Trading on a day that would have none, or at other hours: a Muhurat session, a Saturday. It goes before a holiday. */
export interface SpecialSession {
  /** One exchange or several. */
  readonly exchange: Exchange | readonly Exchange[];
  /** In India, as `YYYY-MM-DD`. */
  readonly date: string;
  /** For people. */
  readonly name: string;
  /** When continuous trading begins, as `HH:MM` in India; together with `close`. Default: the hours of a normal day. */
  readonly open?: string | undefined;
  /** When it ends, as `HH:MM` in India. */
  readonly close?: string | undefined;
  /** When its pre-open phase begins. Default: it has none. */
  readonly preOpen?: string | undefined;
}

/** Where a list of days comes from. */
export interface HolidaySource {
  /** The exchange's circular or notice, or the page that lists it. */
  readonly reference: string;
  /** Of the circular, as `YYYY-MM-DD`; null for a page without a date. */
  readonly date: string | null;
  /** Where it can be read. */
  readonly url: string;
}

/** What is known of a year at some exchanges. */
export interface HolidayYear {
  /** Those that the list is for. */
  readonly exchanges: readonly Exchange[];
  /** The calendar year. */
  readonly year: number;
  /** Where the days stand. */
  readonly sources: readonly HolidaySource[];
  /** Name by date, or the session that is left out as well. */
  readonly holidays: Readonly<
    Record<string, string | readonly [name: string, closed: 'morning' | 'evening']>
  >;
  /** Trading on days that would have none, or at other hours. */
  readonly sessions: readonly Omit<SpecialSession, 'exchange'>[];
}
