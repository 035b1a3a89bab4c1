import { FrameWalker, type Gap } from '@kite/protocol';

import { type Dropped, type FrameConsumer, frameOf, type SourceTag } from '../connection-parts.js';
import type { Route } from './dispatcher.js';
import type { Outlet } from './outlet.js';
import { holdsAny, type IsHeldBy, ownGap } from './own-gap.js';
import { headLength } from './projection.js';

/** A shorter message is a heartbeat, not a frame. */
const FRAME_HEADER = 2;

/** Splits a connection's frames into each subscriber's: its own packets, as they came. Heartbeats go to all. */
export class FrameSplitter implements FrameConsumer {
  readonly #routeOf: (token: number) => Route | undefined;
  readonly #isHeldBy: IsHeldBy;
  readonly #walker = new FrameWalker();
  /** The outlets that want frames, with the packets last delivered to those that take exactly their mode. */
  readonly #wanting = new Map<Outlet, Map<number, Uint8Array>>();

  constructor(routeOf: (token: number) => Route | undefined, isHeldBy: IsHeldBy) {
    this.#routeOf = routeOf;
    this.#isHeldBy = isHeldBy;
  }

  get isIdle(): boolean {
    return this.#wanting.size === 0;
  }

  want(outlet: Outlet, isWanted: boolean): void {
    if (!isWanted) this.#wanting.delete(outlet);
    else if (!this.#wanting.has(outlet)) this.#wanting.set(outlet, new Map());
  }

  frame(bytes: Uint8Array, source: SourceTag, receivedAt: number): void {
    if (bytes.length < FRAME_HEADER) {
      for (const outlet of this.#wanting.keys()) outlet.frame(bytes, source, receivedAt);
      return;
    }
    for (const [outlet, bodies] of this.#split(bytes)) outlet.frame(frameOf(bodies), source, receivedAt);
  }

  gap(gap: Gap, source: SourceTag): void {
    for (const [outlet, shown] of this.#wanting) {
      shown.clear();
      const own = ownGap(gap, source, outlet.modes, this.#isHeldBy);
      if (own) outlet.frameGap(own, source);
    }
  }

  droppedBefore(dropped: Dropped, source: SourceTag, at: number): void {
    for (const outlet of this.#wanting.keys())
      if (holdsAny(this.#isHeldBy, source, outlet.modes)) outlet.framesDropped(dropped, source, at);
  }

  end(): void {
    for (const shown of this.#wanting.values()) shown.clear();
  }

  #split(bytes: Uint8Array): Map<Outlet, Uint8Array[]> {
    const parts = new Map<Outlet, Uint8Array[]>();
    const walker = this.#walker.reset(bytes);
    while (walker.next()) {
      const { instrumentToken: token, offset, length } = walker;
      const body = new Uint8Array(walker.view.buffer, offset, length);
      for (const outlet of this.#routeOf(token)?.outlets ?? []) {
        const shown = this.#wanting.get(outlet);
        const part = shown && (outlet.isExact ? inItsMode(outlet, token, body, shown) : body);
        if (!part) continue;
        const known = parts.get(outlet);
        if (known) known.push(part);
        else parts.set(outlet, [part]);
      }
    }
    return parts;
  }
}

/** Undefined if the packet shows nothing in the subscriber's mode, or nothing new. */
function inItsMode(
  outlet: Outlet,
  token: number,
  body: Uint8Array,
  shown: Map<number, Uint8Array>,
): Uint8Array | undefined {
  const mode = outlet.modes.get(token);
  const length = mode && headLength(body.length, mode);
  if (length === undefined) return undefined;
  const head = body.slice(0, length);
  const before = shown.get(token);
  shown.set(token, head);
  const isRepeat = length < body.length && before !== undefined && isSame(before, head);
  return isRepeat ? undefined : head;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
