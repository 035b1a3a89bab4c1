import { makeFrames } from '../frames/frames.js';
import { sharedMicros } from '../harness/processor.js';

export interface FrameSourceOptions {
  readonly ticksPerFrame: number;
  /** The number of different instruments. */
  readonly instruments: number;
}

/** The place of a frame's send time: the first packet's volume, in microseconds. */
export const STAMP_OFFSET = 2 + 2 + 16;

/** Frames of full ticks, ready for the wire as unmasked WebSocket messages. */
export class FrameSource {
  readonly #messages: readonly Buffer[];
  #next = 0;

  constructor({ ticksPerFrame, instruments }: FrameSourceOptions) {
    const { slices } = makeFrames('full', ticksPerFrame, Math.max(instruments, ticksPerFrame), instruments);
    this.#messages = slices.map(webSocketMessage);
  }

  /** About this many bytes of messages, one after another. */
  wireBytes(atLeast: number): Buffer {
    return this.wireMessages(atLeast).bytes;
  }

  /** The same, with the number of frames. */
  wireMessages(atLeast: number): { bytes: Buffer; frames: number } {
    const parts: Buffer[] = [];
    for (let length = 0; length < atLeast; length += parts.at(-1)!.length) parts.push(this.#take());
    return { bytes: Buffer.concat(parts), frames: parts.length };
  }

  /** The next message, stamped with the current time. */
  nextStamped(): Buffer {
    // A copy, because the socket may hold it for a while.
    const message = Buffer.from(this.#take());
    message.writeUInt32BE(sharedMicros(), headerBytes(message) + STAMP_OFFSET);
    return message;
  }

  #take(): Buffer {
    const message = this.#messages[this.#next]!;
    this.#next = (this.#next + 1) % this.#messages.length;
    return message;
  }
}

/** A binary message in one unmasked WebSocket frame (RFC 6455, 5.2). */
function webSocketMessage(payload: Uint8Array): Buffer {
  const header =
    payload.length < 126
      ? [0x82, payload.length]
      : payload.length < 65_536
        ? [0x82, 126, payload.length >> 8, payload.length & 0xff]
        : [0x82, 127, 0, 0, 0, 0, ...uint32(payload.length)];
  return Buffer.concat([Buffer.from(header), payload]);
}

function headerBytes(message: Buffer): number {
  return message[1]! < 126 ? 2 : message[1] === 126 ? 4 : 10;
}

function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}
