import { Segment, segmentOf } from '@kite/manager';
import { isTradable } from '@kite/protocol';

/** Shown in place of a missing value. */
export const NOTHING = '–';

/** Lakhs and crores, the usual format in this market: 2,60,00,000. */
const LOCALE = 'en-IN';

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const twoDecimals = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const fourDecimals = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 4, maximumFractionDigits: 4 });
const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** A whole number: `12,34,567`. */
export function count(value: number): string {
  return whole.format(value);
}

/** A price, with the decimals it trades in: currencies four, everything else two. */
export function price(value: number, instrumentToken: number): string {
  const segment = segmentOf(instrumentToken);
  const isCurrency = segment === Segment.CDS || segment === Segment.BCD;
  return (isCurrency ? fourDecimals : twoDecimals).format(value);
}

/** A price with its rupee sign; an index is in points, without the sign. */
export function rupees(value: number, instrumentToken: number): string {
  return `${isTradable(segmentOf(instrumentToken)) ? '₹' : ''}${price(value, instrumentToken)}`;
}

/** With its sign, since colour alone must not tell up from down. */
export function signed(value: number, text: string): string {
  return value > 0 ? `+${text}` : text;
}

/** A change in percent: `+0.32%`. */
export function percent(value: number): string {
  return signed(value, `${twoDecimals.format(value)}%`);
}

/** A duration in its two largest units at most: `0.4s`, `12s`, `3m 05s`, `1h 02m`. */
export function duration(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1000).toFixed(1)}s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${twoDigits(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
}

/** A duration in its largest unit only, for narrow columns: `0.4s`, `12s`, `3m`, `1h`. */
export function shortDuration(ms: number): string {
  return duration(ms).split(' ', 1)[0]!;
}

/** Short times in milliseconds: `0.05 ms`. */
export function milliseconds(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 2 : 0)} ms`;
}

/** The local time of day: `09:15:00`. */
export function clockTime(at: number): string {
  return time.format(at);
}

/** Bytes in megabytes: `93 MB`. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

function twoDigits(value: number): string {
  return value.toString().padStart(2, '0');
}
