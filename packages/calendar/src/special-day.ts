import type { Exchange } from './exchange.js';

/** A day, or half a day, without trading. */
export interface Holiday {
  /** One exchange or several. */
  readonly exchange: Exchange | readonly Exchange[];
  /** In India, as `YYYY-MM-DD`. */
  readonly date: string;
  /** For people. */
  readonly name?: string | undefined;
  /** On MCX and NCO, the cancelled session: before or from 17:00. Default `all-day`. */
  readonly closed?: 'all-day' | 'morning' | 'evening' | undefined;
}

/** Trading on a day without any, or at other hours: a Muhurat session, a Saturday. Overrides a holiday. */
export interface SpecialSession {
  /** One exchange or several. */
  readonly exchange: Exchange | readonly Exchange[];
  /** In India, as `YYYY-MM-DD`. */
  readonly date: string;
  /** For people. */
  readonly name: string;
  /** When continuous trading begins, as `HH:MM` in India; give it with `close`. Default: a normal day's hours. */
  readonly open?: string | undefined;
  /** When it ends, as `HH:MM` in India. */
  readonly close?: string | undefined;
  /** When its pre-open phase begins. Default: none. */
  readonly preOpen?: string | undefined;
}

/** The source of a list of days. */
export interface HolidaySource {
  /** The exchange's circular or notice, or the page that lists it. */
  readonly reference: string;
  /** The circular's date, `YYYY-MM-DD`; null for a page without a date. */
  readonly date: string | null;
  /** Its address. */
  readonly url: string;
}

/** A year's special days at some exchanges. */
export interface HolidayYear {
  /** The exchanges of the list. */
  readonly exchanges: readonly Exchange[];
  /** The calendar year. */
  readonly year: number;
  /** The sources of the days. */
  readonly sources: readonly HolidaySource[];
  /** Name by date, or name and cancelled session. */
  readonly holidays: Readonly<
    Record<string, string | readonly [name: string, closed: 'morning' | 'evening']>
  >;
  /** Trading on days without any, or at other hours. */
  readonly sessions: readonly Omit<SpecialSession, 'exchange'>[];
}
