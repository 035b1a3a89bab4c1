import { KiteError } from '@kite/protocol';

/**
 * The recording format, version 1. All integers are big-endian.
 *
 * A file is an 8-byte head, then records until its end:
 *
 * | bytes | of the head |
 * |---|---|
 * | 7 | the ASCII letters `KITEREC` |
 * | 1 | version: 1 |
 *
 * | bytes | of a record |
 * |---|---|
 * | 1 | kind: 1 binary message, 2 text message, 3 gap, 4 dropped |
 * | 1 | 0, reserved |
 * | 2 | channel: which connection it came on |
 * | 4 | length of the payload |
 * | 8 | f64: when it was received, Unix milliseconds |
 * | … | payload |
 *
 * Payloads: a binary message: the frame as it came; a text message: its UTF-8; a gap: two f64, from and to in Unix
 * milliseconds, a u32 count of instruments, a u32 token for each, then the reason in UTF-8; dropped: a u32, how many
 * frames the recorder lost before the next. A gap without instruments concerns its whole connection.
 */
const MAGIC = 'KITEREC';
const VERSION = 1;
export const HEAD_LENGTH = 8;
export const RECORD_HEAD_LENGTH = 16;
/** From, to, and how many instruments. */
const GAP_HEAD_LENGTH = 20;
/** Far above the largest legal frame (558 002 bytes): anything larger is garbage. */
const MAX_PAYLOAD_LENGTH = 64 * 1024 * 1024;

/** A time in which nothing could be received. */
export interface RecordedGap {
  /** When it began, in Unix milliseconds. */
  readonly from: number;
  /** When it ended, in Unix milliseconds. */
  readonly to: number;
  /** Why, in words. */
  readonly reason: string;
  /** The instruments concerned; none named: the whole connection. */
  readonly instrumentTokens?: readonly number[];
}

/** One item of a recording; items are in order of receipt. */
export type Recorded = {
  /** The connection: a number of the recorder's choice, 0 to 65535. */
  readonly channelId: number;
  /** Unix milliseconds. */
  readonly receivedAt: number;
} & (
  | { readonly type: 'binary'; readonly bytes: Uint8Array }
  | { readonly type: 'text'; readonly text: string }
  | ({ readonly type: 'gap' } & RecordedGap)
  /** The recorder lost this many frames here. */
  | { readonly type: 'dropped'; readonly frames: number }
);

const KINDS = { binary: 1, text: 2, gap: 3, dropped: 4 } as const;

/** The first bytes of a recording. */
export function encodeHead(): Uint8Array {
  return Uint8Array.of(...new TextEncoder().encode(MAGIC), VERSION);
}

/** @throws KiteError `KITE_RECORDING_INVALID` or `KITE_RECORDING_VERSION` */
export function checkHead(head: Uint8Array): void {
  if (new TextDecoder().decode(head.subarray(0, MAGIC.length)) !== MAGIC)
    throw new KiteError('KITE_RECORDING_INVALID', `this is no recording: it does not begin with ${MAGIC}`);
  const version = head[MAGIC.length];
  if (version !== VERSION)
    throw new KiteError(
      'KITE_RECORDING_VERSION',
      `the recording has version ${version}; this package reads ${VERSION}`,
    );
}

/** One record, head and payload. */
export function encodeRecord(recorded: Recorded): Uint8Array {
  const payload = encodePayload(recorded);
  const record = new Uint8Array(RECORD_HEAD_LENGTH + payload.length);
  const view = new DataView(record.buffer);
  view.setUint8(0, KINDS[recorded.type]);
  view.setUint16(2, recorded.channelId);
  view.setUint32(4, payload.length);
  view.setFloat64(8, recorded.receivedAt);
  record.set(payload, RECORD_HEAD_LENGTH);
  return record;
}

/** The length of a record's payload, from its head. @throws KiteError `KITE_RECORDING_INVALID` */
export function payloadLength(head: Uint8Array, at: number): number {
  const length = viewOf(head).getUint32(4);
  if (length <= MAX_PAYLOAD_LENGTH) return length;
  throw invalid(at, `a record of ${length} bytes`);
}

/** Decodes a record; `at` is its offset in the file, for errors. @throws KiteError `KITE_RECORDING_INVALID` */
export function decodeRecord(record: Uint8Array, at: number): Recorded {
  const view = viewOf(record);
  const payload = record.subarray(RECORD_HEAD_LENGTH);
  const base = { channelId: view.getUint16(2), receivedAt: view.getFloat64(8) };
  switch (view.getUint8(0)) {
    case KINDS.binary:
      return { type: 'binary', ...base, bytes: payload };
    case KINDS.text:
      return { type: 'text', ...base, text: new TextDecoder().decode(payload) };
    case KINDS.gap:
      return { type: 'gap', ...base, ...decodeGap(payload, at) };
    case KINDS.dropped:
      if (payload.length !== 4) throw invalid(at, 'a count of dropped frames without the count');
      return { type: 'dropped', ...base, frames: view.getUint32(RECORD_HEAD_LENGTH) };
    default:
      throw invalid(at, `a record of the unknown kind ${view.getUint8(0)}`);
  }
}

function encodePayload(recorded: Recorded): Uint8Array {
  switch (recorded.type) {
    case 'binary':
      return recorded.bytes;
    case 'text':
      return new TextEncoder().encode(recorded.text);
    case 'gap':
      return encodeGap(recorded);
    case 'dropped': {
      const payload = new Uint8Array(4);
      viewOf(payload).setUint32(0, recorded.frames);
      return payload;
    }
  }
}

function encodeGap({ from, to, reason, instrumentTokens = [] }: RecordedGap): Uint8Array {
  const text = new TextEncoder().encode(reason);
  const textAt = GAP_HEAD_LENGTH + 4 * instrumentTokens.length;
  const payload = new Uint8Array(textAt + text.length);
  const view = viewOf(payload);
  view.setFloat64(0, from);
  view.setFloat64(8, to);
  view.setUint32(16, instrumentTokens.length);
  for (const [index, token] of instrumentTokens.entries()) view.setUint32(GAP_HEAD_LENGTH + 4 * index, token);
  payload.set(text, textAt);
  return payload;
}

function decodeGap(payload: Uint8Array, at: number): RecordedGap {
  const view = viewOf(payload);
  const count = payload.length < GAP_HEAD_LENGTH ? 0 : view.getUint32(16);
  const textAt = GAP_HEAD_LENGTH + 4 * count;
  if (payload.length < textAt) throw invalid(at, 'a gap without its times or its instruments');
  const tokens = Array.from({ length: count }, (_, index) => view.getUint32(GAP_HEAD_LENGTH + 4 * index));
  return {
    from: view.getFloat64(0),
    to: view.getFloat64(8),
    reason: new TextDecoder().decode(payload.subarray(textAt)),
    ...(count > 0 && { instrumentTokens: tokens }),
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function invalid(at: number, what: string): KiteError {
  return new KiteError('KITE_RECORDING_INVALID', `the recording makes no sense at offset ${at}: ${what}`);
}
