import { isInstrumentToken, type TickerState } from '@kite/protocol';

import { MAX_ACCOUNT, MAX_CONNECTION } from './limits.js';

/** The fields of every report. */
interface ReportHead {
  /** The version of this format. */
  version: 1;
  /** The publisher's name, as in the subject. */
  publisher: string;
  /** Identifies this life of the publisher, as in the head of its ticks. */
  epoch: number;
  /** When it was sent, by the publisher's clock; Unix milliseconds. */
  at: number;
}

/** A connection of the publisher's feed, by the numbers in the head of its ticks. */
export interface ReportOrigin {
  /** The index of the account in `accounts` of the last beat. */
  account: number;
  /** The number of the connection, 0 to 2. */
  connection: number;
}

/** Sent once a second, at the start, and whenever the list of accounts grows. */
export interface Beat extends ReportHead {
  type: 'beat';
  /** The ids of the accounts; an empty text for the only one of a feed that has no ids. */
  accounts: string[];
  /** The state of each connection that has reported one. */
  states: (ReportOrigin & { state: TickerState })[];
  /** The last sequence of each shard. */
  sequences: number[];
  /** If `kept` is 0: everything received before this time, Unix milliseconds, was sent before this beat. */
  completeUntil: number;
  /** Packets published in this epoch. */
  published: number;
  /** Packets of this epoch replaced by newer ones of the same instrument while the server was slow or gone. */
  dropped: number;
  /** Instruments whose newest packet waits for the server. 0: everything that came before this beat was sent. */
  kept: number;
}

/** A publisher's report on itself, as JSON on `kite.m.<publisher>`. */
export type Report =
  | Beat
  /** The feed received nothing in this time; `tokens`: only these instruments. */
  | (ReportHead & ReportOrigin & { type: 'gap'; from: number; to: number; reason: string; tokens?: number[] })
  | (ReportHead & ReportOrigin & { type: 'state'; state: TickerState; reason?: string })
  /** The feed itself lost this many frames or ticks on the way to the publisher. */
  | (ReportHead & ReportOrigin & { type: 'lagged'; dropped: number })
  /** The publisher was closed: nothing more comes. */
  | (ReportHead & { type: 'bye' });

/** Encodes a report. */
export function encodeReport(report: Report): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(report));
}

/** Why a message is not a report. */
export interface NotAReport {
  /** In words, for an issue. */
  flaw: string;
}

const TYPES: readonly string[] = ['beat', 'gap', 'state', 'lagged', 'bye'] satisfies Report['type'][];

/** Reads a report. Never throws; undefined for an unknown type, which a later version may have. */
export function decodeReport(data: Uint8Array): Report | NotAReport | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(data));
  } catch {
    return { flaw: 'it is not JSON' };
  }
  if (typeof value !== 'object' || value === null) return { flaw: 'it is not an object' };
  const report = value as Record<string, unknown>;
  if (report['version'] !== 1) return { flaw: 'its version is not 1' };
  if (typeof report['publisher'] !== 'string') return { flaw: 'its publisher is no text' };
  if (!isCount(report['epoch']) || !isTime(report['at']))
    return { flaw: 'its epoch or its time is no number' };
  if (!TYPES.includes(report['type'] as string)) return undefined;
  return hasItsFields(report)
    ? (value as Report)
    : { flaw: `a field of its type, ${report['type'] as string}, is missing or wrong` };
}

/** Checks down to the items of its lists, because they reach the feed unchanged. */
function hasItsFields(report: Record<string, unknown>): boolean {
  switch (report['type'] as Report['type']) {
    case 'beat':
      return (
        isListOf(report['accounts'], isText) &&
        isListOf(report['states'], isStateOfOrigin) &&
        isListOf(report['sequences'], isCount) &&
        isTime(report['completeUntil']) &&
        isCount(report['kept'])
      );
    case 'gap':
      return (
        hasOrigin(report) &&
        isTime(report['from']) &&
        isTime(report['to']) &&
        isText(report['reason']) &&
        (report['tokens'] === undefined || isListOf(report['tokens'], isInstrumentToken))
      );
    case 'state':
      return isStateOfOrigin(report) && (report['reason'] === undefined || isText(report['reason']));
    case 'lagged':
      return hasOrigin(report) && isCount(report['dropped']);
    case 'bye':
      return true;
  }
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isStateOfOrigin(value: unknown): boolean {
  return hasOrigin(value) && isText(value['state']);
}

/** Checks the bounds that the same two numbers have in the head of a tick. */
function hasOrigin(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const { account, connection } = value as Record<string, unknown>;
  return isCount(account) && account <= MAX_ACCOUNT && isCount(connection) && connection <= MAX_CONNECTION;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTime(value: unknown): boolean {
  return Number.isFinite(value);
}
