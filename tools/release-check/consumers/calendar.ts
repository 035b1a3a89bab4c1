import { CalendarError, istTimeOf, MarketCalendar, type Session } from '@kite/calendar';

// Neither Node's types nor the DOM's are here to declare it.
declare const console: { log(line: string): void };

const calendar = new MarketCalendar({
  sessions: [{ exchange: 'NSE', date: '2026-11-08', name: 'Muhurat trading', open: '18:00', close: '19:00' }],
});
const muhurat: Session | null = calendar.sessionOf('NSE', '2026-11-08');
if (muhurat?.open !== istTimeOf('2026-11-08', '18:00')) throw new Error(JSON.stringify(muhurat));

const phase = calendar.phaseAt('NSE', istTimeOf('2026-08-03', '15:20'), { closingAuction: true });
if (phase !== 'closing-auction') throw new Error(phase);
try {
  calendar.isTradingDay('NSE', 'tomorrow');
  throw new Error('took tomorrow for a date');
} catch (error) {
  if (!(error instanceof CalendarError)) throw error;
  console.log(`${phase}, and ${error.code}`);
}
