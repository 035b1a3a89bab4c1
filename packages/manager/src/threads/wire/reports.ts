import {
  isKiteError,
  KiteError,
  type KiteErrorCode,
  type KiteErrorFields,
  type TickerState,
} from '@kite/protocol';

import type { Dropped, SourceStatus } from '../../connection-parts.js';
import type { RecordType } from './ring-memory.js';

/** The rare records, which travel through the ring as JSON. */
export interface Reports {
  /** A state, the status that comes with it, and the revision of the credentials of the newest attempt. */
  [RecordType.State]: {
    state: TickerState;
    status: SourceStatus;
    dialled?: number;
    error?: PlainError;
    retryInMs?: number;
  };
  /** A status that changed without a state. */
  [RecordType.Status]: { status: SourceStatus };
  /** The open socket has been asked for all that was wanted up to this revision. */
  [RecordType.Asked]: { revision: number };
  [RecordType.Dropped]: Dropped;
  [RecordType.Issue]: PlainError;
}

/** An error that has left its thread. Its stack stays there, so that a record's size does not depend on file paths. */
export interface PlainError {
  name: string;
  message: string;
  code?: string;
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

/** The cloneable part of an error. Our own causes had their secrets removed where they were made. */
export function toPlainError(error: Error): PlainError {
  const { name, message, cause } = error;
  const plain: PlainError = { name, message };
  if (cause instanceof Error) plain.cause = toPlainError(cause);
  if (isKiteError(error)) {
    const fields = Object.fromEntries(Object.entries(error).filter(([key]) => key !== 'code'));
    return { ...plain, code: error.code, fields };
  }
  return 'code' in error && typeof error.code === 'string' ? { ...plain, code: error.code } : plain;
}

/** Restores the error, as a KiteError if it was one. Its stack says what it is, not where this thread unpacked it. */
function fromPlainError(plain: PlainError): Error {
  const { code, fields, message, name } = plain;
  const cause = plain.cause && fromPlainError(plain.cause);
  const error =
    code !== undefined && fields
      ? // The other thread runs the same version, so it is one of today's codes.
        new KiteError(code as KiteErrorCode, message, { ...fields, ...(cause && { cause }) })
      : Object.assign(new Error(message, cause && { cause }), code !== undefined && { code });
  const own = { stack: `${name}: ${message}`, ...(error.name !== name && { name }) };
  for (const [key, value] of Object.entries(own))
    Object.defineProperty(error, key, { value, configurable: true, writable: true });
  return error;
}

/** A KiteError that has crossed threads. */
export function fromPlainKiteError(plain: PlainError): KiteError {
  const error = fromPlainError(plain);
  return isKiteError(error)
    ? error
    : new KiteError('KITE_MANAGER_WORKER_CRASHED', error.message, { cause: error });
}
