import { TICKS_PER_MS } from './virtual-time.js';

/** The kinds of entries in the trace of a virtual day. */
const KINDS = [
  'event',
  'dial',
  'open',
  'refused',
  'unreachable',
  'binary',
  'text',
  'ping',
  'pong',
  'close',
  'fin',
  'reset',
  'ended',
  'gone',
  'fault',
  'worker',
  'mail',
] as const;

/** The kind of an entry of the trace. */
export type TraceKind = (typeof KINDS)[number];

const NUMBERS = Object.fromEntries(KINDS.map((kind, index) => [kind, index + 1])) as Record<
  TraceKind,
  number
>;

/** Formats one entry for people. */
export type TraceFormat = (
  kind: TraceKind,
  time: number,
  id: number,
  payload?: Uint8Array | string,
) => string;

/**
 * A running hash over every event: the kind, the virtual time, who, and the bytes. Equal hashes are equal days.
 *
 * Two lanes of 32 bits, like FNV-1a but a word at a time. Independent of the engine.
 */
export class Trace {
  readonly #format: TraceFormat | undefined;
  readonly #lines: string[] = [];
  #a = 0x811c_9dc5;
  #b = 0x1b87_3593;
  #entries = 0;

  /** @param format makes the lines; without it, none are kept */
  constructor(format?: TraceFormat) {
    this.#format = format;
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    return hex(this.#a) + hex(this.#b);
  }

  /** How many entries there are. */
  get entries(): number {
    return this.#entries;
  }

  /** A line for each entry. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /**
   * @param time in ms, a multiple of a tick of virtual time
   * @param id of a connection or a lane
   */
  record(kind: TraceKind, time: number, id: number, payload?: Uint8Array | string): void {
    this.#entries++;
    const ticks = time * TICKS_PER_MS;
    this.#mix(NUMBERS[kind] | (id << 8));
    this.#mix(ticks | 0);
    this.#mix((ticks / 0x1_0000_0000) | 0);
    if (typeof payload === 'string') this.#mixText(payload);
    else if (payload !== undefined) this.#mixBytes(payload);
    if (this.#format !== undefined && kind !== 'event')
      this.#lines.push(this.#format(kind, time, id, payload));
  }

  #mix(word: number): void {
    this.#a = Math.imul(this.#a ^ word, 0x0100_0193);
    this.#a ^= this.#a >>> 15;
    const b = Math.imul(this.#b ^ word, 0x85eb_ca6b);
    this.#b = (b << 13) | (b >>> 19);
  }

  #mixText(text: string): void {
    this.#mix(text.length);
    for (let at = 0; at < text.length; at++) this.#mix(text.charCodeAt(at));
  }

  #mixBytes(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#mix(~length);
    let a = this.#a;
    let b = this.#b;
    const words = length & ~3;
    if (words > 0) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, length);
      for (let at = 0; at < words; at += 4) {
        const word = view.getInt32(at);
        a = Math.imul(a ^ word, 0x0100_0193);
        a ^= a >>> 15;
        b = Math.imul(b ^ word, 0x85eb_ca6b);
        b = (b << 13) | (b >>> 19);
      }
    }
    this.#a = a;
    this.#b = b;
    for (let at = words; at < length; at++) this.#mix(bytes[at]!);
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
