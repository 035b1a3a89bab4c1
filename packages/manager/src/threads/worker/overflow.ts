import { FRAME, type FrameIssue, FrameWalker, type TickerState } from '@kite/protocol';

import { encodeReport, encodeText } from '../wire/reports.js';
import { RecordType } from '../wire/ring-memory.js';
import { FrameCount } from './frame-count.js';
import {
  MAX_PACKET_BYTES,
  MAX_PACKETS,
  WaitingAsks,
  WaitingStates,
  WaitingTexts,
} from './overflow-bounds.js';
import {
  type Barrier,
  encodeWaiting,
  type Loss,
  type Packet,
  Segment,
  type WaitingFrame,
} from './overflow-segment.js';
import type { RingWriter } from './ring-writer.js';
import { textsLost } from './texts-lost.js';

/** A shorter body has no instrument token. */
const TOKEN_BYTES = 4;
/** The most that a loss takes in the ring. */
const LOSS_BYTES = 512;

/**
 * Holds the records of all links, in order of arrival, while the ring is full. Keeps only the newest packet of each
 * instrument over each link, since an old tick is worth nothing. An instrument that has moved is dropped by the reader
 * where it still comes over its old link, so that this must not replace what came over the new one. The number of
 * instruments bounds the packets; texts and states have bounds of their own. A drop is counted for its link and
 * reported before anything newer.
 */
export class Overflow {
  /** Each but the last ends with a barrier. */
  readonly #segments: Segment[] = [];
  /** By link and instrument. */
  readonly #packets = new Map<number, Map<number, Packet>>();
  #packetCount = 0;
  readonly #frames = new Map<number, FrameCount>();
  readonly #texts = new WaitingTexts();
  readonly #states = new WaitingStates();
  readonly #asks = new WaitingAsks();
  readonly #walker = new FrameWalker({
    unknownLengths: true,
    onIssue: (issue) => {
      this.#countIssue(issue);
    },
  });
  /** The loss to count for the frame that is being split. */
  #loss: (() => Loss) | undefined;
  /** The room that the last failed write needs. */
  #missingBytes = 0;

  /** Nothing waits, and no loss is left to report. */
  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /** Takes a frame in. The bytes are copied. */
  frame(link: number, at: number, frame: Uint8Array): void {
    const segment = this.#last();
    const number = this.#framesOf(link).came(at);
    segment.heard.set(link, { frame: number, at });
    // A heartbeat says that the peer was alive then; it is of no use later.
    if (frame.length < FRAME.countLength) return;
    const loss = (this.#loss = () => segment.lossOf(link, at));
    const packets = this.#packetsOf(link);
    const walker = this.#walker.reset(frame);
    while (walker.next()) {
      const { view, offset, length } = walker;
      const token = length < TOKEN_BYTES ? undefined : view.getUint32(offset);
      const before = token === undefined ? undefined : packets.get(token);
      // An account has 9000 instruments, and their packets are short: anything beyond that is not kept.
      const hasRoom = length <= MAX_PACKET_BYTES && (before ?? this.#packetCount < MAX_PACKETS);
      if (token === undefined || !hasRoom) {
        loss().ticks++;
        continue;
      }
      before?.segment.drop(before);
      // The memory of one that is dropped serves the next.
      const body = before?.body.length === length ? before.body : new Uint8Array(length);
      body.set(new Uint8Array(view.buffer, view.byteOffset + offset, length));
      const packet = { token, link, at, frame: number, body, segment };
      segment.packets.add(packet);
      packets.set(token, packet);
      if (!before) this.#packetCount++;
    }
  }

  /** Takes in a text, which no later packet may overtake. */
  text(link: number, at: number, text: string): void {
    const barrier = this.#end(RecordType.Text, link, at, encodeText(text));
    this.#texts.add(barrier, text);
    for (let surplus = this.#texts.surplus; surplus; surplus = this.#texts.surplus) this.#dropText(surplus);
  }

  /** Takes in a state, which no later packet may overtake. The bytes are kept as they are. */
  state(link: number, at: number, state: TickerState, bytes: Uint8Array): void {
    const barrier = this.#end(RecordType.State, link, at, bytes);
    for (const passed of this.#states.add(barrier, state)) this.#remove(passed);
    const period = this.#states.surplus(link);
    if (period) this.#dropPeriod(link, period.from, period.to);
  }

  /** Takes in that a link was asked for instruments; no later packet may overtake this. Keeps the bytes as they are. */
  asked(link: number, at: number, bytes: Uint8Array): void {
    const passed = this.#asks.add(this.#end(RecordType.Asked, link, at, bytes));
    if (passed) this.#remove(passed);
  }

  /** Writes as much as there is room for; true once nothing is left. */
  flushTo(writer: RingWriter): boolean {
    if (!writer.canWrite(this.#missingBytes)) return false;
    this.#missingBytes = 0;
    let done = 0;
    for (const segment of this.#segments) {
      if (!this.#write(segment, writer)) break;
      done++;
    }
    this.#segments.splice(0, done);
    return this.isEmpty;
  }

  #last(): Segment {
    const last = this.#segments.at(-1);
    if (last && !last.end) return last;
    const next = new Segment();
    this.#segments.push(next);
    return next;
  }

  #framesOf(link: number): FrameCount {
    let count = this.#frames.get(link);
    if (!count) {
      count = new FrameCount();
      this.#frames.set(link, count);
    }
    return count;
  }

  #packetsOf(link: number): Map<number, Packet> {
    let packets = this.#packets.get(link);
    if (!packets) {
      packets = new Map();
      this.#packets.set(link, packets);
    }
    return packets;
  }

  /** It has been written, or is lost. */
  #forget({ link, token }: Packet): void {
    if (this.#packets.get(link)?.delete(token)) this.#packetCount--;
  }

  #end(type: Barrier['type'], link: number, at: number, bytes: Uint8Array): Barrier {
    const segment = this.#last();
    segment.end = { type, link, at, bytes, segment };
    return segment.end;
  }

  /** Removes a barrier: the segments on its two sides become one. */
  #remove({ segment }: Barrier): void {
    const [next] = this.#segments.splice(this.#segments.indexOf(segment) + 1, 1);
    if (!next) {
      segment.end = undefined;
      return;
    }
    segment.absorb(next);
  }

  #dropText(barrier: Barrier): void {
    const loss = barrier.segment.lossOf(barrier.link, barrier.at);
    loss.texts++;
    if (this.#texts.remove(barrier)) loss.orders++;
    this.#remove(barrier);
  }

  /** Drops what a link delivered between two of its states, so that they become one outage. */
  #dropPeriod(link: number, from: Barrier, to: Barrier): void {
    const first = this.#segments.indexOf(from.segment) + 1;
    const segments = this.#segments.slice(first, this.#segments.indexOf(to.segment) + 1);
    for (const segment of segments)
      for (const packet of segment.packets)
        if (packet.link === link) {
          segment.drop(packet);
          this.#forget(packet);
        }
    const ends = segments.flatMap(({ end }) => (end?.link === link && end !== to ? [end] : []));
    for (const end of ends) {
      if (end.type === RecordType.Text) this.#dropText(end);
      else if (end.type === RecordType.State) this.#remove(end);
    }
  }

  #write(segment: Segment, writer: RingWriter): boolean {
    for (;;) {
      const frame = segment.firstFrame();
      const bytes = (frame?.bytes ?? segment.end?.bytes.length ?? 0) + LOSS_BYTES;
      if (!writer.canWrite(bytes)) {
        this.#missingBytes = bytes;
        return false;
      }
      if (!writeLosses(segment, writer)) return false;
      if (!frame) break;
      if (!this.#writeFrame(segment, frame, writer)) return false;
    }
    for (const [link, { frame, at }] of segment.heard)
      if (!this.#writeLostFrames(link, at, frame, writer)) return false;
    return !segment.end || this.#writeEnd(segment.end, writer);
  }

  #writeFrame(segment: Segment, frame: WaitingFrame, writer: RingWriter): boolean {
    const { link, at, frame: number, packets } = frame;
    if (!this.#writeLostFrames(link, at, number - 1, writer)) return false;
    if (!writer.canWrite(frame.bytes)) return false;
    writer.write(RecordType.Binary, link, at, encodeWaiting(frame));
    this.#framesOf(link).written(number);
    for (const packet of packets) {
      segment.packets.delete(packet);
      this.#forget(packet);
    }
    return true;
  }

  /** Reports the frames of a link up to this one that were not written as frames. */
  #writeLostFrames(link: number, at: number, upTo: number, writer: RingWriter): boolean {
    const count = this.#framesOf(link);
    for (let untold = count.untold(upTo); untold; untold = count.untold(upTo)) {
      const { frames, since } = untold;
      const report = encodeReport(RecordType.Dropped, { ticks: 0, fullTicks: 0, frames, steadySince: since });
      if (!writer.write(RecordType.Dropped, link, untold.at ?? at, report)) return false;
      count.told(frames);
    }
    return true;
  }

  #writeEnd(barrier: Barrier, writer: RingWriter): boolean {
    const { type, link, at, bytes } = barrier;
    if (!writer.write(type, link, at, bytes)) return false;
    if (type === RecordType.Text) this.#texts.remove(barrier);
    else if (type === RecordType.State) this.#states.written(barrier);
    else this.#asks.written(barrier);
    return true;
  }

  /** Counts the packets that a broken frame announced but does not hold. */
  #countIssue(issue: FrameIssue): void {
    if (issue.kind === 'truncated' && this.#loss) this.#loss().ticks += issue.packetCount - issue.packetIndex;
  }
}

function writeLosses({ losses }: Segment, writer: RingWriter): boolean {
  for (const [link, loss] of losses) {
    const { ticks, fullTicks, texts, at } = loss;
    if (ticks > 0) {
      const report = encodeReport(RecordType.Dropped, { ticks, fullTicks, frames: 0 });
      if (!writer.write(RecordType.Dropped, link, at, report)) return false;
      loss.ticks = loss.fullTicks = 0;
    }
    if (texts > 0) {
      const report = encodeReport(RecordType.Issue, textsLost(loss));
      if (!writer.write(RecordType.Issue, link, at, report)) return false;
    }
    losses.delete(link);
  }
  return true;
}
