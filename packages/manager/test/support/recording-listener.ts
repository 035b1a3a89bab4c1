import { ChannelId, packets, systemClock } from '@kite/connection';
import type { Gap, KiteError, TickerState } from '@kite/protocol';

import { type Dropped, Hub, type SourceStatus } from '../../src/connection-parts.js';
import type { LinkListener } from '../../src/link.js';

/** Remembers all that a link tells, and the gaps that a feed derives from it. */
export class RecordingListener implements LinkListener {
  /** In order: states, gaps, drops, texts, and that frames came. */
  readonly log: string[] = [];
  readonly states: { state: TickerState; error: KiteError | undefined; at: number }[] = [];
  readonly statuses: SourceStatus[] = [];
  readonly gaps: Gap[] = [];
  readonly texts: string[] = [];
  readonly issues: KiteError[] = [];
  readonly lag: Dropped = { ticks: 0, fullTicks: 0, frames: 0 };
  /** All frames, with a copy of what they were. */
  readonly kept: { bytes: Uint8Array; copy: Uint8Array }[] = [];
  keepsFrames = false;
  frames = 0;
  ticks = 0;
  readonly #hub = new Hub({ channelId: ChannelId.Connection1, clock: systemClock });
  #lastPackets = new Map<number, Uint8Array>();

  constructor() {
    this.#hub.on('gap', ({ from, to, reason }) => {
      this.gaps.push({ from, to, reason });
      this.log.push('gap');
    });
  }

  state(state: TickerState, at: number, error: KiteError | undefined): void {
    this.states.push({ state, error, at: Date.now() });
    this.log.push(state);
    this.#hub.state(state, at, error);
  }

  status(status: SourceStatus): void {
    this.statuses.push(status);
  }

  asked(revision: number): void {
    this.log.push(`asked ${revision}`);
  }

  frame(bytes: Uint8Array, at: number): void {
    this.#hub.frame(bytes, at);
    this.frames++;
    if (this.keepsFrames) this.kept.push({ bytes, copy: bytes.slice() });
    if (this.log.at(-1) !== 'frames') this.log.push('frames');
    for (const body of packets(bytes)) {
      this.ticks++;
      this.#lastPackets.set(Buffer.from(body.buffer, body.byteOffset, 4).readUInt32BE(), body);
    }
  }

  text(text: string, at: number): void {
    this.#hub.text(text, at);
    this.texts.push(text);
    this.log.push('text');
  }

  dropped(dropped: Dropped, at: number): void {
    const { ticks, fullTicks, frames } = dropped;
    this.#hub.dropped(dropped, at);
    this.lag.ticks += ticks;
    this.lag.fullTicks += fullTicks;
    this.lag.frames += frames;
    this.log.push('lag');
  }

  issue(error: KiteError): void {
    this.issues.push(error);
  }

  /** By token, in hex, what the packet that came last says now. */
  get newestPackets(): Record<number, string> {
    return Object.fromEntries(
      [...this.#lastPackets].map(([token, body]) => [token, Buffer.from(body).toString('hex')]),
    );
  }

  /** The tags of the orders, in order. */
  get orderTags(): string[] {
    return this.texts.flatMap((text) => {
      const message = JSON.parse(text) as { type: string; data?: { tag?: string } };
      return message.type === 'order' ? [message.data?.tag ?? ''] : [];
    });
  }
}
