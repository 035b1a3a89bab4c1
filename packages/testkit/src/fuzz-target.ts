/** What a fuzzer feeds: a parser, and what is guaranteed of it. */
export interface FuzzTarget {
  /** Inputs that the parser understands. Others are made from them. */
  readonly seeds: readonly Uint8Array[];
  /** Words of the input's language, to be put into it. */
  readonly words?: readonly string[];
  /** The longest input to try, in bytes. Default 2048. */
  readonly maxLength?: number;
  /** Runs the parser on any bytes. Throws, or rejects, where a guarantee is broken. */
  run(input: Uint8Array): void | Promise<void>;
}

/** The longest input of a target that names none, in bytes. */
export const MAX_FUZZ_LENGTH = 2048;

/**
 * The text of an input, one character a byte. A text of any characters is itself the input of a corpus file, where bytes would
 * be unreadable.
 */
export function textOfBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

/** The input of such a text. */
export function bytesOfText(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0xff);
}
