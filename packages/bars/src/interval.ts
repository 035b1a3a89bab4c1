import { KiteInputError } from '@kite/protocol';

const NAMED = { '5s': 5000, '1m': 60_000, '5m': 300_000, '15m': 900_000, '1h': 3_600_000, '1d': Infinity };

/**
 * When a bar ends: after a time from the session's open, a count of trades, or a volume. `1d` is the whole session.
 */
export type BarInterval =
  | '5s'
  | '1m'
  | '5m'
  | '15m'
  | '1h'
  | '1d'
  | {
      /** Milliseconds: a positive integer, a day at most. */
      readonly ms: number;
    }
  | {
      /** Trades, as the feed shows them: a positive integer. */
      readonly ticks: number;
    }
  | {
      /** Units traded: a positive integer. The trade that reaches it is the bar's last and is not split. */
      readonly volume: number;
    };

/** An interval as a number of one kind; the milliseconds of `1d` are Infinity. */
export type Measure =
  | { readonly kind: 'time'; readonly amount: number }
  | { readonly kind: 'ticks' | 'volume'; readonly amount: number };

const DAY_MS = 86_400_000;
const ALLOWED = `${Object.keys(NAMED)
  .map((name) => `'${name}'`)
  .join(', ')}, { ms } up to a day, { ticks } or { volume }, each a positive integer`;

/** @throws KiteInputError for an invalid interval */
export function measureOf(interval: unknown): Measure {
  if (typeof interval === 'string' && Object.hasOwn(NAMED, interval))
    return { kind: 'time', amount: NAMED[interval as keyof typeof NAMED] };
  const [[kind, amount] = [], ...more] = Object.entries(Object(interval) as object) as [string, unknown][];
  const isCount = Number.isSafeInteger(amount) && (amount as number) > 0;
  if (isCount && more.length === 0 && typeof interval === 'object') {
    if (kind === 'ms' && (amount as number) <= DAY_MS) return { kind: 'time', amount: amount as number };
    if (kind === 'ticks' || kind === 'volume') return { kind, amount: amount as number };
  }
  throw new KiteInputError('KITE_BARS_INVALID_OPTION', {
    field: 'interval',
    value: interval,
    allowed: ALLOWED,
  });
}
