import { encodeFrame, FRAME, PACKETS } from '@kite/protocol';

import type { Dropped } from '../../connection-parts.js';
import type { RecordType } from '../wire/ring-memory.js';

/** A waiting packet: the newest of its instrument. */
export interface Packet {
  link: number;
  /** When its frame was received. */
  at: number;
  /** The number of its frame, counted by link. */
  frame: number;
  body: Uint8Array;
}

/** What one link has lost in a segment. */
export interface Loss extends Dropped {
  texts: number;
  /** Texts that were order postbacks. */
  orders: number;
  /** When the newest of these was received. */
  at: number;
}

/** A record that no later one may overtake. */
export interface Barrier {
  readonly type: typeof RecordType.Text | typeof RecordType.State | typeof RecordType.Asked;
  readonly link: number;
  readonly at: number;
  readonly bytes: Uint8Array;
  /** The segment that it ends. */
  segment: Segment;
}

/** A frame made of packets that wait. */
export interface WaitingFrame {
  readonly link: number;
  /** When the newest packet in it was received. */
  at: number;
  /** The number of the newest frame that it has packets of. */
  frame: number;
  /** The length of the frame that it makes. */
  bytes: number;
  readonly tokens: number[];
  readonly bodies: Uint8Array[];
}

/** What has arrived over all links between two barriers: packets in their order, and losses. */
export class Segment {
  /** By instrument, in order of arrival. */
  readonly packets = new Map<number, Packet>();
  /** By link. */
  readonly losses = new Map<number, Loss>();
  /** By link: the newest frame in this segment. */
  readonly heard = new Map<number, { frame: number; at: number }>();
  /** Undefined: it is the last segment, and grows. */
  end: Barrier | undefined;

  /** The loss of a link, to add to. */
  lossOf(link: number, at: number): Loss {
    let loss = this.losses.get(link);
    if (!loss) {
      loss = { ticks: 0, fullTicks: 0, frames: 0, texts: 0, orders: 0, at };
      this.losses.set(link, loss);
    }
    loss.at = Math.max(loss.at, at);
    return loss;
  }

  /** Drops a packet and counts it. */
  drop(token: number, { link, at, body }: Packet): void {
    this.packets.delete(token);
    const loss = this.lossOf(link, at);
    loss.ticks++;
    if (body.length === PACKETS.full.length) loss.fullTicks++;
  }

  /** Takes over everything that the next segment holds, its end included. */
  absorb(next: Segment): void {
    for (const [token, packet] of next.packets) this.packets.set(token, packet);
    for (const [link, heard] of next.heard) this.heard.set(link, heard);
    for (const [link, { ticks, fullTicks, texts, orders, at }] of next.losses) {
      const loss = this.lossOf(link, at);
      loss.ticks += ticks;
      loss.fullTicks += fullTicks;
      loss.texts += texts;
      loss.orders += orders;
    }
    this.end = next.end;
    if (this.end) this.end.segment = this;
  }

  /**
   * The packets that can go out first as one frame: those of the first one's link, up to the first packet of another
   * link. Packets received at the same time may overtake each other, so that a turn with data from all links makes one
   * frame for each of them.
   */
  firstFrame(): WaitingFrame | undefined {
    let frame: WaitingFrame | undefined;
    let hasPassed = false;
    for (const [token, { link, at, frame: number, body }] of this.packets) {
      frame ??= { link, at, frame: number, bytes: FRAME.countLength, tokens: [], bodies: [] };
      const isOther = link !== frame.link;
      if ((isOther || hasPassed) && at !== frame.at) break;
      hasPassed ||= isOther;
      if (isOther) continue;
      if (frame.tokens.length === FRAME.maxPackets) break;
      frame.at = at;
      frame.frame = number;
      frame.bytes += FRAME.lengthLength + body.length;
      frame.tokens.push(token);
      frame.bodies.push(body);
    }
    return frame;
  }
}

/** The bytes of a frame that waited. */
export function encodeWaiting({ bodies }: WaitingFrame): Uint8Array {
  return encodeFrame(bodies);
}
