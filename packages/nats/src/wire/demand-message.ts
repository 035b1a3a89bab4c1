import {
  KiteError,
  type KiteErrorCode,
  type KiteErrorFields,
  KiteInputError,
  type Mode,
} from '@kite/protocol';

import { MAX_U32 } from './limits.js';

/** The modes, the lowest first. */
const MODES: readonly Mode[] = ['ltp', 'quote', 'full'];

/** A collector's answer to a program's demand. */
export interface DemandAnswer {
  /** The revision of the statement. */
  readonly revision: number;
  /** Why the demand was refused; undefined: all of it is subscribed. */
  readonly error?: KiteError;
  /** The demand had lapsed, and was not subscribed since then: Unix milliseconds of the collector's clock. */
  readonly lapsedAt?: number;
}

/** Encodes a demand: JSON, instruments by mode. */
export function encodeDemand(modes: ReadonlyMap<number, Mode>): Uint8Array {
  const lists: Record<Mode, number[]> = { ltp: [], quote: [], full: [] };
  for (const [token, mode] of modes) lists[mode].push(token);
  return new TextEncoder().encode(JSON.stringify({ version: 1, ...lists }));
}

/** Reads a demand. Never throws; returns a text that says what is wrong. */
export function decodeDemand(data: Uint8Array): Map<number, Mode> | string {
  const demand = parsed(data);
  if (!demand) return 'it is not a JSON object';
  if (demand['version'] !== 1) return 'its version is not 1';
  const modes = new Map<number, Mode>();
  for (const mode of MODES) {
    const tokens = demand[mode];
    if (!Array.isArray(tokens) || !tokens.every(isToken))
      return `its ${mode} is no list of instrument tokens`;
    for (const token of tokens) modes.set(token, mode);
  }
  return modes;
}

/** Encodes a collector's answer: JSON. */
export function encodeAnswer({ revision, error, lapsedAt }: DemandAnswer): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ version: 1, revision, error, lapsedAt }));
}

/** Reads an answer. Never throws; undefined if it is not one. */
export function decodeAnswer(data: Uint8Array): DemandAnswer | undefined {
  const answer = parsed(data);
  if (answer?.['version'] !== 1 || typeof answer['revision'] !== 'number') return undefined;
  const { revision, lapsedAt } = answer as { revision: number; lapsedAt: unknown };
  const answered = { revision, ...(typeof lapsedAt === 'number' && { lapsedAt }) };
  if (answer['error'] === undefined) return answered;
  const error = errorOf(answer['error']);
  return error && { ...answered, error };
}

const isNumber = (value: unknown): boolean => typeof value === 'number';
const isString = (value: unknown): boolean => typeof value === 'string';

/** The fields an error may carry. Others, such as `toJSON` or `__proto__`, could change what the error is. */
const ERROR_FIELDS: Readonly<Record<keyof KiteErrorFields, (value: unknown) => boolean>> = {
  cause: () => true,
  field: isString,
  value: () => true,
  allowed: isString,
  tokens: (value) => Array.isArray(value) && value.every(isToken),
  status: isNumber,
  response: isString,
  closeCode: isNumber,
  requested: isNumber,
  available: isNumber,
  attempts: isNumber,
  dropped: isNumber,
  orders: isNumber,
  // Errors within errors: no error of a subscription has any.
  reasons: () => false,
  apiKeyId: isString,
};

/** The error as a local call would have thrown it. */
function errorOf(json: unknown): KiteError | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { name, code, message, ...rest } = json as Record<string, unknown>;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  const known = code as KiteErrorCode;
  const fields: KiteErrorFields = Object.fromEntries(
    Object.entries(ERROR_FIELDS).flatMap(([field, isValid]): [string, unknown][] => {
      const value = Object.hasOwn(rest, field) ? rest[field] : undefined;
      return value !== undefined && isValid(value) ? [[field, value]] : [];
    }),
  );
  const { field, value, allowed } = fields;
  if (name !== 'KiteInputError' || field === undefined || allowed === undefined)
    return new KiteError(known, message, fields);
  return new KiteInputError(known, { ...fields, field, value, allowed }, message);
}

function parsed(data: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(data));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isToken(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= MAX_U32;
}
