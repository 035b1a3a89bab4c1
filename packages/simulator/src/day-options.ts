import { MarketCalendar } from '@kite/calendar';
import { checkOptions, type OptionRule, optionRules } from '@kite/kit';
import { KiteInputError } from '@kite/protocol';

import type { Instrument } from './market/instrument.js';
import type { DayCalendar, PlannedVenue } from './market/venues.js';
import { inside } from './nested-options.js';
import { checkSimulatorOptions, type SimulatorOptions } from './options.js';
import { type Delays, delaysOf, type NetworkOptions } from './virtual/delay.js';
import { drawFaults } from './virtual/draw-faults.js';
import type { FaultPlan } from './virtual/fault.js';
import { checkFaultPlan, checkNetwork } from './virtual/fault-rules.js';
import { clockTime, midnightOf, timeOfDay } from './virtual/trading-hours.js';

/** The simulator options that a virtual day's server takes. */
type ServerOptions = Pick<
  SimulatorOptions,
  | 'seed'
  | 'instruments'
  | 'silentTokens'
  | 'unlistedTokens'
  | 'ticksPerSecond'
  | 'stepIntervalMs'
  | 'maxTicksPerFrame'
  | 'accounts'
  | 'heartbeatIntervalMs'
  | 'pingIntervalMs'
  | 'maxBufferedBytes'
  | 'recordSent'
>;

/** How a virtual day is set up. Everything is optional; the seed replaces all chance. */
export interface SimulateDayOptions extends ServerOptions {
  /** The day in India, `YYYY-MM-DD`. Default `2026-11-20`, a Friday. */
  date?: string | undefined;
  /** Start, in India: `HH:MM` or `HH:MM:SS`. Default `09:00`. Before `06:00`: token flush at 06:00, login at 08:30. */
  from?: string | undefined;
  /**
   * When it ends, in India. Default: when the last exchange of the listed instruments closes, by the calendar. That is
   * 16:00 with stocks, 15:40 with derivatives alone, and late in the evening with commodities; 16:00 if nothing trades.
   */
  to?: string | undefined;
  /**
   * When the exchanges trade: a `MarketCalendar` of `@kite/calendar`, with your own sessions and holidays if you like.
   * Default: its built-in ones. Nothing moves on a holiday.
   */
  calendar?: DayCalendar | undefined;
  /** What goes wrong: nothing, what the seed draws, or a plan of your own. Default `none`. */
  faults?: 'none' | 'swarm' | FaultPlan | undefined;
  /** How long messages are under way; a plan's own `network` wins. */
  network?: NetworkOptions | undefined;
  /** Keeps a line for each event in `day.trace.lines`. Default false. */
  traceLines?: boolean | undefined;
}

/** A day's options, checked and complete. */
export interface CheckedDay {
  readonly seed: number;
  /** In India, `YYYY-MM-DD`. */
  readonly date: string;
  readonly calendar: DayCalendar;
  /** In Unix milliseconds, as are the next two. */
  readonly midnight: number;
  readonly startsAt: number;
  /** Unset: when the last exchange of the listed instruments closes. */
  readonly endsAt?: number;
  readonly faults: 'none' | 'swarm' | FaultPlan;
  readonly network: Delays;
  readonly traceLines: boolean;
  readonly server: ServerOptions;
}

const CODE = 'KITE_SIMULATOR_INVALID_OPTION';
/** Faults of a swarm end this long before the day does, or halfway through a day shorter than twice this. */
const CALM_END_MS = 300_000;
/** When a day without any session ends. */
const QUIET_DAY_ENDS = '16:00';

const time: OptionRule = {
  allowed: "a time of the day in India, as '09:15' or '09:15:30'",
  accepts: (value) => typeof value === 'string' && timeOfDay(value) !== undefined,
};

const RULES = {
  date: {
    allowed: "a date, as '2026-11-20'",
    accepts: (value) => typeof value === 'string' && midnightOf(value) !== undefined,
  },
  from: time,
  to: time,
  calendar: {
    allowed: 'a MarketCalendar of @kite/calendar',
    accepts: (value) =>
      optionRules.object.accepts(value) && typeof (value as Partial<DayCalendar>).sessionOf === 'function',
  },
  faults: {
    allowed: "'none', 'swarm' or a fault plan: { faults: [{ at, kind, … }] }",
    accepts: (value) => value === 'none' || value === 'swarm' || optionRules.object.accepts(value),
  },
  network: {
    allowed: '{ minDelayMs?, meanExtraDelayMs? }',
    accepts: optionRules.object.accepts,
  },
  traceLines: optionRules.boolean,
} as const satisfies Record<string, OptionRule>;

/** Checked by the simulator's own rules; the options left out have no meaning without a port. */
const SERVER_RULES = Object.fromEntries(
  [
    'seed',
    'instruments',
    'silentTokens',
    'unlistedTokens',
    'ticksPerSecond',
    'stepIntervalMs',
    'maxTicksPerFrame',
    'accounts',
    'heartbeatIntervalMs',
    'pingIntervalMs',
    'maxBufferedBytes',
    'recordSent',
  ].map((name) => [name, { allowed: 'anything', accepts: () => true }]),
);

/** @throws KiteInputError `KITE_SIMULATOR_INVALID_OPTION` */
export function checkDayOptions(options: SimulateDayOptions): CheckedDay {
  checkOptions(KiteInputError, CODE, options, { ...RULES, ...SERVER_RULES });
  const { date = '2026-11-20', from, to, calendar, faults, network, traceLines, ...server } = options;
  checkSimulatorOptions(server);
  if (typeof faults === 'object') inside('faults', () => checkFaultPlan(CODE, faults));
  if (network !== undefined) inside('network', () => checkNetwork(CODE, network));
  const { seed = 1 } = server;
  const midnight = midnightOf(date)!;
  const startsAt = midnight + timeOfDay(from ?? '09:00')!;
  const endsAt = to === undefined ? undefined : midnight + timeOfDay(to)!;
  if (endsAt !== undefined && endsAt <= startsAt)
    throw new KiteInputError(CODE, { field: 'to', value: to, allowed: 'a time after from' });
  return {
    seed,
    date,
    calendar: calendar ?? new MarketCalendar(),
    midnight,
    startsAt,
    ...(endsAt !== undefined && { endsAt }),
    faults: faults ?? 'none',
    network: delaysOf(network),
    traceLines: traceLines ?? false,
    server,
  };
}

/**
 * When the day ends: as the options say, or when the last of these venues closes.
 *
 * @throws KiteInputError `KITE_SIMULATOR_INVALID_OPTION` if the last one closes before the day starts
 */
export function endOf({ midnight, startsAt, endsAt }: CheckedDay, venues: Iterable<PlannedVenue>): number {
  if (endsAt !== undefined) return endsAt;
  const closes = [...venues].flatMap(({ closesAt }) => closesAt ?? []);
  const end = closes.length === 0 ? midnight + timeOfDay(QUIET_DAY_ENDS)! : Math.max(...closes);
  if (end > startsAt) return end;
  const [from, close] = [startsAt, end].map((at) => clockTime(at).slice(0, 8));
  const allowed = `a time before ${close}, when the day ends, or a time for to as well`;
  throw new KiteInputError(CODE, { field: 'from', value: from, allowed });
}

/** The faults of a day that ends at `endsAt`; a swarm is drawn from its seed. */
export function planOf(
  { faults, seed, startsAt }: CheckedDay,
  endsAt: number,
  instruments: readonly Instrument[],
): FaultPlan {
  if (faults === 'none') return { faults: [] };
  if (faults !== 'swarm') return faults;
  const lengthMs = endsAt - startsAt;
  return drawFaults(seed, {
    durationMs: Math.max(lengthMs - CALM_END_MS, Math.floor(lengthMs / 2)),
    instruments: instruments.map(({ instrumentToken }) => instrumentToken),
  });
}
