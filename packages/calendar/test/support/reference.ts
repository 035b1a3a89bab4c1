import type { Exchange, InstrumentGroup, MarketPhase, PhaseOptions } from '@kite/calendar';
import { HOLIDAY_YEARS } from '@kite/calendar';

/** The hours as the exchanges print them: one line for each stretch, with the days on which it holds. */
const TABLE = `
  equity       pre-open         09:00 09:15
  equity       continuous       09:15 15:30  unless auction from 2026-08-03
  equity       continuous       09:15 15:15  only auction from 2026-08-03
  equity       closing-auction  15:15 15:35  only auction from 2026-08-03
  equity       post-close       15:40 16:00  until 2026-08-02
  equity       post-close       15:50 16:00  from 2026-08-03
  derivatives  pre-open         09:00 09:15  from 2025-12-08
  derivatives  continuous       09:15 15:30  until 2026-08-02
  derivatives  continuous       09:15 15:40  from 2026-08-03
  currency     continuous       09:00 17:00  unless cross-currency
  currency     continuous       09:00 19:30  only cross-currency
  commodity    continuous       09:00 17:00  only agri
  commodity    continuous       09:00 21:00  only agri-international
  commodity    continuous       09:00 23:30  unless agri in summer
  commodity    continuous       09:00 23:55  unless agri in winter
`;

const KINDS: Readonly<Record<Exchange, string>> = {
  ...{ NSE: 'equity', BSE: 'equity', NFO: 'derivatives', BFO: 'derivatives' },
  ...{ CDS: 'currency', BCD: 'currency', MCX: 'commodity', NCO: 'commodity' },
};

const india = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Kolkata',
  dateStyle: 'short',
  timeStyle: 'medium',
});
const newYork = new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', timeZoneName: 'short' });

function isInForce(words: readonly string[], date: string, options: PhaseOptions): boolean {
  const group: InstrumentGroup | undefined = options.group;
  const rule = words.join(' ');
  const from = /from (\S+)/.exec(rule)?.[1] ?? '0000';
  const until = /until (\S+)/.exec(rule)?.[1] ?? '9999';
  const isIn = date >= from && date <= until;
  const summer = newYork.format(Date.parse(`${date}T12:00Z`)).endsWith('EDT');
  if (rule.includes('in summer') && !summer) return false;
  if (rule.includes('in winter') && summer) return false;
  if (rule.startsWith('unless auction')) return !(options.closingAuction === true && isIn);
  if (rule.startsWith('only auction')) return options.closingAuction === true && isIn;
  if (rule.startsWith('unless cross')) return group === undefined;
  if (rule.startsWith('unless agri')) return group === undefined;
  if (rule.startsWith('only ')) return group === words[1];
  return isIn;
}

/** The phase at a time, found the slow way: India's time by `Intl`, every line of the table, every list of holidays. */
export function slowPhaseAt(exchange: Exchange, at: number, options: PhaseOptions): MarketPhase {
  const [date = '', time = ''] = india.format(at).split(' ');
  const lists = HOLIDAY_YEARS.filter(({ exchanges }) => exchanges.includes(exchange));
  const special = lists.flatMap(({ sessions }) => sessions).find((one) => one.date === date);
  if (special?.open !== undefined && special.close !== undefined)
    return time >= special.open && time < special.close ? 'continuous' : 'closed';

  if (special === undefined) {
    const weekday = new Date(`${date}T12:00Z`).getUTCDay();
    if (weekday === 0 || weekday === 6) return 'closed';
    const holiday = lists.map(({ holidays }) => holidays[date]).find((one) => one !== undefined);
    if (typeof holiday === 'string') return 'closed';
    if (holiday?.[1] === 'morning' && time < '17:00') return 'closed';
    if (holiday?.[1] === 'evening' && time >= '17:00') return 'closed';
  }
  for (const line of TABLE.trim().split('\n')) {
    const [kind, phase, from = '', to = '', ...rule] = line.trim().split(/\s+/);
    if (kind !== KINDS[exchange] || time < from || time >= to) continue;
    if (isInForce(rule, date, options)) return phase as MarketPhase;
  }
  return 'closed';
}
