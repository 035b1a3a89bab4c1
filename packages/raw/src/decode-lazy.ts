/* eslint-disable @typescript-eslint/no-unsafe-enum-comparison -- the enums stand for the wire's numbers, and those are compared */
import { type DecodeOptions, FrameWalker } from '@kite/protocol';

import {
  LazyFullTick,
  LazyIndexFullTick,
  LazyIndexQuoteTick,
  LazyLtpTick,
  LazyQuoteTick,
  type LazyTick,
} from './lazy-tick.js';
import { Length } from './wire-offsets.js';

/**
 * A frame's ticks, as `decodeFrame` gives them, with their fields read on access.
 *
 * The ticks read the frame's bytes and keep them alive: use `copy()` or `toTick()` to keep one for long. Each prints
 * and serialises like the plain tick. For many frames a {@link LazyDecoder} is faster.
 *
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_FRAME` for anything but a byte array
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR`
 * @throws whatever `onIssue` throws
 */
export function decodeLazy(frame: Uint8Array, options?: DecodeOptions): LazyTick[] {
  return lazyTicks(new FrameWalker(options), frame);
}

/** {@link decodeLazy} for a stream of frames: keeps what can be reused between them. Use one per connection. */
export class LazyDecoder {
  readonly #walker: FrameWalker;

  /** @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR` */
  constructor(options?: DecodeOptions) {
    this.#walker = new FrameWalker(options);
  }

  /**
   * The frame's ticks, as {@link decodeLazy} gives them.
   *
   * @throws KiteInputError `KITE_PROTOCOL_INVALID_FRAME` for anything but a byte array
   * @throws whatever `onIssue` throws
   */
  decode(frame: Uint8Array): LazyTick[] {
    return lazyTicks(this.#walker, frame);
  }
}

function lazyTicks(walker: FrameWalker, frame: Uint8Array): LazyTick[] {
  const ticks: LazyTick[] = [];
  walker.reset(frame);
  while (walker.next()) ticks.push(lazyTick(walker));
  return ticks;
}

function lazyTick({ view, offset, length, divisor }: FrameWalker): LazyTick {
  switch (length) {
    case Length.full:
      return new LazyFullTick(view, offset, divisor);
    case Length.quote:
      return new LazyQuoteTick(view, offset, divisor);
    case Length.ltp:
      return new LazyLtpTick(view, offset, divisor);
    case Length.indexFull:
      return new LazyIndexFullTick(view, offset, divisor);
    default:
      return new LazyIndexQuoteTick(view, offset, divisor);
  }
}
