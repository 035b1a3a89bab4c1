import { Segment, segmentOf } from '@kite/protocol';

/** Shown in place of a missing value. */
export const NOTHING = '–';

/** Lakhs and crores, the usual format in this market: 2,60,00,000. */
const LOCALE = 'en-IN';

/** The exchange's time zone, wherever the reader is: the market opens at 09:15. */
const TIME_ZONE = 'Asia/Kolkata';

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const twoDecimals = decimals(2);
const fourDecimals = decimals(4);
const time = new Intl.DateTimeFormat('en-GB', {
  timeZone: TIME_ZONE,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const minute = new Intl.DateTimeFormat('en-GB', { timeZone: TIME_ZONE, hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { timeZone: TIME_ZONE, day: '2-digit', month: 'short' });

/** A whole number: `12,34,567`. */
export function count(value: number): string {
  return whole.format(value);
}

/** A price in rupees, with the decimals it trades in. */
export function price(value: number, instrumentToken: number): string {
  return (priceDecimals(instrumentToken) === 4 ? fourDecimals : twoDecimals).format(value);
}

/** Currencies trade in four decimals, everything else in two. */
export function priceDecimals(instrumentToken: number): 2 | 4 {
  const segment = segmentOf(instrumentToken);
  return segment === Segment.CDS || segment === Segment.BCD ? 4 : 2;
}

/** A change in rupees, always with its sign, since colour alone must not tell up from down: `+16.70`. */
export function change(value: number | null | undefined, instrumentToken: number): string {
  return value == null ? NOTHING : signed(value, price(Math.abs(value), instrumentToken));
}

/** A change in percent: `+0.32%`. */
export function percent(value: number | null | undefined): string {
  return value == null ? NOTHING : signed(value, `${twoDecimals.format(Math.abs(value))}%`);
}

/** A share in whole percent: `42%`. */
export function share(part: number): string {
  return `${Math.round(part * 100)}%`;
}

/** The time of day in India: `09:15:00`. */
export function clockTime(at: number | null): string {
  return at === null ? NOTHING : time.format(at);
}

/** The same without seconds: `09:15`. */
export function minuteTime(at: number): string {
  return minute.format(at);
}

/** The day in India: `22 Nov`. */
export function dayOf(at: number): string {
  return day.format(at);
}

/** A duration in its largest unit: `0s`, `12s`, `3m`, `1h`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h`;
}

/** A short duration, to a tenth of a second: `2.9 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** −, not a hyphen: as wide as a plus, so that columns stand still. */
function signed(value: number, text: string): string {
  return value > 0 ? `+${text}` : value < 0 ? `−${text}` : text;
}

function decimals(digits: number): Intl.NumberFormat {
  return new Intl.NumberFormat(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
