/** The header of Kite's list. */
export const HEADER =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange';

/** A small list with something of everything. */
export const SMALL_LIST = [
  HEADER,
  '256265,1001,NIFTY 50,"NIFTY 50",0,,0,0,0,EQ,INDICES,NSE',
  '408065,1594,INFY,"INFOSYS",0,,0,0.05,1,EQ,NSE,NSE',
  '128053508,500209,INFY,"INFOSYS",0,,0,0.05,1,EQ,BSE,BSE',
  '738561,2885,RELIANCE,"RELIANCE ""INDUSTRIES"", LTD",0,,0,0.05,1,EQ,NSE,NSE',
  '12001026,46879,NIFTY26DECFUT,"NIFTY",0,2026-12-29,0,0.05,75,FUT,NFO-FUT,NFO',
  '12001282,46880,NIFTY27JANFUT,"NIFTY",0,2027-01-26,0,0.05,75,FUT,NFO-FUT,NFO',
  '12001538,46881,NIFTY27FEBFUT,"NIFTY",0,2027-02-23,0,0.05,75,FUT,NFO-FUT,NFO',
  ...options('NIFTY', 'NFO', '26D01', '2026-12-01', 24_300, 24_700, 13_000_002),
  ...options('NIFTY', 'NFO', '26DEC', '2026-12-29', 24_300, 24_700, 14_000_002),
  '15000002,50001,INFY26DEC1600CE,"INFY",0,2026-12-29,1600,0.05,400,CE,NFO-OPT,NFO',
  '15000258,50002,INFY26DEC1600PE,"INFY",0,2026-12-29,1600,0.05,400,PE,NFO-OPT,NFO',
  '15000514,50003,INFY26DEC1620CE,"INFY",0,2026-12-29,1620,0.05,400,CE,NFO-OPT,NFO',
  '15000005,50004,INFY26DEC1600CE,"INFY",0,2026-12-24,1600,0.05,400,CE,BFO-OPT,BFO',
  '',
].join('\n');

function options(
  name: string,
  exchange: string,
  code: string,
  expiry: string,
  from: number,
  to: number,
  token: number,
): string[] {
  const rows: string[] = [];
  for (let strike = from; strike <= to; strike += 50)
    for (const type of ['CE', 'PE'])
      rows.push(
        `${token + rows.length * 256},${(token >>> 8) + rows.length},${name}${code}${strike}${type},"${name}",0,${expiry},${strike},0.05,75,${type},${exchange}-OPT,${exchange}`,
      );
  return rows;
}

/** A list of one column each, by the header's names; the others are left out. */
export function listOf(rows: readonly Readonly<Record<string, string>>[]): string {
  const columns = HEADER.split(',').filter((column) => rows.some((row) => column in row));
  return [columns.join(','), ...rows.map((row) => columns.map((column) => row[column] ?? '').join(','))].join(
    '\n',
  );
}
