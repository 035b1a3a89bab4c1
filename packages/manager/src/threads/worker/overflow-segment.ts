import { encodeFrame, FRAME, PACKETS } from '@kite/protocol';

import type { Dropped } from '../../connection-parts.js';
import type { RecordType } from '../wire/ring-memory.js';

/** A waiting packet: the newest of its instrument over this link. */
export interface Packet {
  readonly token: number;
  readonly link: number;
  /** When its frame was received. */
  readonly at: number;
  /** The number of its frame, counted by link. */
  readonly frame: number;
  readonly body: Uint8Array;
  /** Where it waits. */
  segment: Segment;
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
  /** When its packets were received. */
  readonly at: number;
  /** The number of the newest frame that it has packets of. */
  frame: number;
  /** The length of the frame that it makes. */
  bytes: number;
  readonly packets: Packet[];
}

/** What has arrived over all links between two barriers: packets in their order, and losses. */
export class Segment {
  /** In order of arrival. */
  readonly packets = new Set<Packet>();
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
  drop(packet: Packet): void {
    this.packets.delete(packet);
    const loss = this.lossOf(packet.link, packet.at);
    loss.ticks++;
    if (packet.body.length === PACKETS.full.length) loss.fullTicks++;
  }

  /** Takes over everything that the next segment holds, its end included. */
  absorb(next: Segment): void {
    for (const packet of next.packets) {
      packet.segment = this;
      this.packets.add(packet);
    }
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
   * The packets that can go out first as one frame: those of the first one's link that were received when it was. Others of
   * that time may be overtaken, so that a turn with data from all links makes one frame for each of them; those of one
   * instrument never are.
   */
  firstFrame(): WaitingFrame | undefined {
    const packets: Packet[] = [];
    const passed = new Set<number>();
    for (const packet of this.packets) {
      const first = packets[0] ?? packet;
      if (packet.at !== first.at) break;
      if (packet.link !== first.link) passed.add(packet.token);
      else if (passed.has(packet.token)) {
        // A frame of which only a part went out would count twice.
        while (packets.at(-1)?.frame === packet.frame) packets.pop();
        break;
      } else if (packets.push(packet) === FRAME.maxPackets) break;
    }
    const newest = packets.at(-1);
    if (!newest) return undefined;
    let bytes: number = FRAME.countLength;
    for (const { body } of packets) bytes += FRAME.lengthLength + body.length;
    return { link: newest.link, at: newest.at, frame: newest.frame, bytes, packets };
  }
}

/** The bytes of a frame that waited. */
export function encodeWaiting({ packets }: WaitingFrame): Uint8Array {
  return encodeFrame(packets.map(({ body }) => body));
}
