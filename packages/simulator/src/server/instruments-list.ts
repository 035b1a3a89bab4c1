import { gzipSync } from 'node:zlib';
import { isTradable, Segment } from '@kite/protocol';

import type { Instrument } from '../market/instrument.js';
import { refusal } from './handshake.js';

/** An HTTP answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** What an HTTP request asks for. */
export interface HttpQuestion {
  readonly method: string | undefined;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const COLUMNS =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange';

const PATH = /^\/instruments(?:\/([A-Za-z]+))?\/?$/u;

/** The instruments list as Kite serves it: CSV, compressed on request, with its version as ETag. */
export class InstrumentsList {
  readonly #instruments: readonly Instrument[];
  readonly #version: () => string;
  /** Compressed lists by exchange; a list never changes. */
  readonly #compressed = new Map<string, Uint8Array>();

  constructor(instruments: readonly Instrument[], version: () => string) {
    this.#instruments = instruments;
    this.#version = version;
  }

  /** Undefined if the request is for something else. */
  answer({ method, target, headers }: HttpQuestion): HttpAnswer | undefined {
    const path = PATH.exec(target.replace(/\?.*$/su, ''));
    if (!path || (method !== 'GET' && method !== 'HEAD')) return undefined;
    const exchange = path[1];
    const rows = this.#of(exchange);
    if (exchange !== undefined && rows.length === 0) return notFound();
    const etag = this.#version();
    const common = { ETag: etag, Vary: 'Accept-Encoding' };
    if (text(headers['if-none-match']).split(/,\s*/u).includes(etag))
      return { status: 304, headers: common, body: '' };
    const type = { ...common, 'Content-Type': 'text/csv' };
    if (!/\bgzip\b/u.test(text(headers['accept-encoding'])))
      return { status: 200, headers: type, body: csvOf(rows) };
    const name = exchange?.toUpperCase() ?? '';
    let body = this.#compressed.get(name);
    if (body === undefined) this.#compressed.set(name, (body = gzipSync(csvOf(rows))));
    return { status: 200, headers: { ...type, 'Content-Encoding': 'gzip' }, body };
  }

  #of(exchange: string | undefined): readonly Instrument[] {
    if (exchange === undefined) return this.#instruments;
    return this.#instruments.filter((instrument) => instrument.exchange === exchange.toUpperCase());
  }
}

function csvOf(instruments: readonly Instrument[]): string {
  return `${[COLUMNS, ...instruments.map(rowOf)].join('\n')}\n`;
}

function rowOf(instrument: Instrument): string {
  const { instrumentToken, tradingsymbol, name, lastPrice, expiry, strike, tickSize, lotSize } = instrument;
  const { instrumentType, exchange } = instrument;
  return [
    instrumentToken,
    instrumentToken >>> 8,
    cell(tradingsymbol),
    `"${name.replaceAll('"', '""').replaceAll(/[\n\r]/gu, ' ')}"`,
    lastPrice,
    expiry ?? '',
    strike,
    tickSize,
    lotSize,
    instrumentType,
    segmentOf(instrument),
    cell(exchange),
  ].join(',');
}

/** The list's name for a segment: `INDICES`, `NFO-OPT`, `NSE`. */
function segmentOf({ segment, exchange, instrumentType }: Instrument): string {
  if (segment === Segment.INDICES || !isTradable(segment)) return 'INDICES';
  if (instrumentType === 'EQ') return cell(exchange);
  return cell(`${exchange}-${instrumentType === 'FUT' ? 'FUT' : 'OPT'}`);
}

function cell(value: string): string {
  return /[",\n\r]/u.test(value) ? `"${value.replaceAll('"', '""').replaceAll(/[\n\r]/gu, ' ')}"` : value;
}

function text(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : (header?.join() ?? '');
}

function notFound(): HttpAnswer {
  const verdict = refusal(404);
  const body = 'body' in verdict ? verdict.body : '';
  return { status: 404, headers: { 'Content-Type': 'application/json' }, body };
}
