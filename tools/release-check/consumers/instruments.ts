import { type Instrument, Instruments, isKiteError } from '@kite/instruments';

// Neither Node's types nor the DOM's are here to declare it.
declare const console: { log(line: string): void };

const csv = `instrument_token,tradingsymbol,name,expiry,strike,instrument_type,exchange
408065,INFY,"INFOSYS",,0,EQ,NSE
15000002,INFY26DEC1600CE,"INFY",2026-12-29,1600,CE,NFO
15000258,INFY26DEC1600PE,"INFY",2026-12-29,1600,PE,NFO
`;

const list = Instruments.parse(csv);
const share: Instrument | undefined = list.find('NSE:INFY');
const [row] = list.atTheMoney('NSE:INFY', 1590, 0);
if (share?.instrumentToken !== 408065 || list.nameOf(408065) !== 'NSE:INFY') throw new Error('not found');
if (row?.ce?.expiry !== '2026-12-29' || row.pe === undefined) throw new Error('no chain');
if (list.search('infosys')[0]?.tradingsymbol !== 'INFY') throw new Error('not searched');

try {
  Instruments.parse('<html>');
  throw new Error('a page is no list');
} catch (error) {
  if (!isKiteError(error, 'KITE_INSTRUMENTS_INVALID_LIST')) throw error;
  console.log(`found ${share.tradingsymbol ?? ''}, and its options at ${row.strike}`);
}
