import {
  type Gap,
  isKiteError,
  KiteError,
  type KiteErrorCode,
  type KiteErrorFields,
  type TickerState,
} from '@kite/protocol';

import type { Lag } from '../../connection-parts.js';
import type { RecordType } from './ring-memory.js';

/** What travels through the ring as JSON: all that is rare. */
export interface Reports {
  [RecordType.State]: { state: TickerState; error?: PlainError };
  [RecordType.Gap]: Gap;
  [RecordType.Lag]: Lag;
}

/** A KiteError that has left its thread. */
export interface PlainError {
  name: string;
  message: string;
  code?: string;
  stack?: string;
  fields?: KiteErrorFields;
  cause?: PlainError;
}

export function encodeReport<Type extends keyof Reports>(_type: Type, report: Reports[Type]): Uint8Array {
  return Buffer.from(JSON.stringify(report));
}

export function decodeReport<Type extends keyof Reports>(_type: Type, bytes: Uint8Array): Reports[Type] {
  return JSON.parse(decodeText(bytes)) as Reports[Type];
}

export function encodeText(text: string): Uint8Array {
  return Buffer.from(text);
}

/** By Buffer: a TextDecoder would swallow a byte order mark. */
export function decodeText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}

/** What an error says, without what cannot be cloned. Causes of ours have had their secrets taken out where they were made. */
export function toPlainError(error: Error): PlainError {
  const { name, message, stack, cause } = error;
  const plain: PlainError = { name, message, ...(stack !== undefined && { stack }) };
  if (cause instanceof Error) plain.cause = toPlainError(cause);
  if (isKiteError(error)) {
    const fields = Object.fromEntries(Object.entries(error).filter(([key]) => key !== 'code'));
    return { ...plain, code: error.code, fields };
  }
  return 'code' in error && typeof error.code === 'string' ? { ...plain, code: error.code } : plain;
}

/** The error again: a KiteError if it was one. */
function fromPlainError(plain: PlainError): Error {
  const { code, fields, message, stack, name } = plain;
  const cause = plain.cause && fromPlainError(plain.cause);
  const error =
    code !== undefined && fields
      ? // The other thread runs the same version, so it is one of today's codes.
        new KiteError(code as KiteErrorCode, message, { ...fields, ...(cause && { cause }) })
      : Object.assign(new Error(message, cause && { cause }), code !== undefined && { code });
  for (const [key, value] of [
    ['name', name],
    ['stack', stack],
  ] as const) {
    if (value !== undefined && error[key] !== value)
      Object.defineProperty(error, key, { value, configurable: true, writable: true });
  }
  return error;
}

/** A KiteError that has crossed threads. */
export function fromPlainKiteError(plain: PlainError): KiteError {
  const error = fromPlainError(plain);
  return isKiteError(error)
    ? error
    : new KiteError('KITE_MANAGER_WORKER_CRASHED', error.message, { cause: error });
}
