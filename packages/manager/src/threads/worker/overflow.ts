import { encodeFrame, FRAME, type FrameIssue, FrameWalker, PACKETS } from '@kite/protocol';

import type { Lag } from '../../connection-parts.js';
import { encodeReport } from '../wire/reports.js';
import { RecordType } from '../wire/ring-memory.js';
import type { RingWriter } from './ring-writer.js';

/** A shorter body has no instrument token. */
const TOKEN_BYTES = 4;

/** What is never lost. */
interface Kept {
  type: Exclude<RecordType, typeof RecordType.Binary>;
  link: number;
  at: number;
  bytes: Uint8Array;
}

/** The packets of consecutive frames of one link, the newest of each instrument: one frame once there is room. */
class Run {
  readonly link: number;
  /** When the newest frame in it was received. */
  at = 0;
  frames = 0;
  /** The length of the frame that it makes. */
  bytes: number = FRAME.countLength;
  readonly #packets = new Map<number, Uint8Array>();

  constructor(link: number) {
    this.link = link;
  }

  get size(): number {
    return this.#packets.size;
  }

  get tokens(): Iterable<number> {
    return this.#packets.keys();
  }

  get(token: number): Uint8Array | undefined {
    return this.#packets.get(token);
  }

  set(token: number, body: Uint8Array): void {
    this.#packets.set(token, body);
    this.bytes += FRAME.lengthLength + body.length;
  }

  delete(token: number, body: Uint8Array): void {
    this.#packets.delete(token);
    this.bytes -= FRAME.lengthLength + body.length;
  }

  toFrame(): Uint8Array {
    return encodeFrame(this.#packets.values());
  }
}

/** What is known of one link. */
interface LinkState {
  /** Where the next packet goes; undefined after anything that it must not overtake. */
  open: Run | undefined;
  /** In which run an instrument's packet is. */
  readonly runs: Map<number, Run>;
  lag: Lag;
}

/**
 * Where records wait while the ring is full: in order, and without end for texts and states, but of the packets only the
 * newest of each instrument is kept, since an old tick is worth nothing. So it is bounded by the instruments and by the
 * texts, which are few. What newer packets replaced is counted, and told before the next frame.
 */
export class Overflow {
  readonly #queue: (Run | Kept)[] = [];
  readonly #links = new Map<number, LinkState>();
  readonly #walker = new FrameWalker({
    unknownLengths: true,
    onIssue: (issue) => {
      this.#countIssue(issue);
    },
  });
  /** The link whose frame is taken apart. */
  #current: LinkState | undefined;

  /** Nothing waits, and no loss is left to be told. */
  get isEmpty(): boolean {
    if (this.#queue.length > 0) return false;
    for (const { lag } of this.#links.values()) if (isLag(lag)) return false;
    return true;
  }

  /** Takes a frame in. The bytes are copied. */
  binary(link: number, at: number, frame: Uint8Array): void {
    const state = this.#link(link);
    this.#current = state;
    if (frame.length < FRAME.countLength) {
      // A heartbeat says that the peer was alive then; it is of no use later.
      state.lag.frames++;
      return;
    }
    const first = this.#openRun(state, link);
    first.frames++;
    const walker = this.#walker.reset(frame);
    while (walker.next()) {
      const { view, offset, length } = walker;
      if (length < TOKEN_BYTES) state.lag.ticks++;
      else {
        const body = new Uint8Array(view.buffer, view.byteOffset + offset, length);
        this.#keepNewest(state, link, view.getUint32(offset), body);
      }
    }
    this.#openRun(state, link).at = at;
    first.at = at;
  }

  /** Takes in what must not be lost, and what no later packet may overtake. The bytes are kept as they are. */
  keep(type: Kept['type'], link: number, at: number, bytes: Uint8Array): void {
    this.#queue.push({ type, link, at, bytes });
    for (const state of this.#links.values()) state.open = undefined;
  }

  /** Writes as much as there is room for; true once nothing is left. */
  flushTo(writer: RingWriter): boolean {
    let done = 0;
    for (const entry of this.#queue) {
      if (!(entry instanceof Run ? this.#writeRun(entry, writer) : writeKept(entry, writer))) break;
      done++;
    }
    this.#queue.splice(0, done);
    return this.#queue.length === 0 && this.#writeLags(writer);
  }

  #link(link: number): LinkState {
    let state = this.#links.get(link);
    if (!state) {
      state = { open: undefined, runs: new Map(), lag: { ticks: 0, fullTicks: 0, frames: 0 } };
      this.#links.set(link, state);
    }
    return state;
  }

  #openRun(state: LinkState, link: number): Run {
    if (!state.open || state.open.size >= FRAME.maxPackets) {
      state.open = new Run(link);
      this.#queue.push(state.open);
    }
    return state.open;
  }

  #keepNewest(state: LinkState, link: number, token: number, body: Uint8Array): void {
    const before = state.runs.get(token);
    const replaced = before?.get(token);
    if (before && replaced) {
      state.lag.ticks++;
      if (replaced.length === PACKETS.full.length) state.lag.fullTicks++;
      if (before === state.open && replaced.length === body.length) {
        replaced.set(body);
        return;
      }
      before.delete(token, replaced);
    }
    const run = this.#openRun(state, link);
    run.set(token, body.slice());
    state.runs.set(token, run);
  }

  #writeRun(run: Run, writer: RingWriter): boolean {
    const state = this.#link(run.link);
    if (run.size > 0) {
      if (!writer.canWrite(run.bytes)) return false;
      const lost = { ...state.lag, frames: state.lag.frames + run.frames - 1 };
      if (isLag(lost) && !writeLag(run.link, run.at, lost, writer)) return false;
      // What has been told is told, even if there is no room left for the frame.
      state.lag = { ticks: 0, fullTicks: 0, frames: Math.min(0, lost.frames) };
      run.frames = 1;
      if (!writer.canWrite(run.bytes)) return false;
      writer.write(RecordType.Binary, run.link, run.at, run.toFrame());
      for (const token of run.tokens) state.runs.delete(token);
    } else state.lag.frames += run.frames;
    if (state.open === run) state.open = undefined;
    return true;
  }

  #writeLags(writer: RingWriter): boolean {
    for (const [link, state] of this.#links) {
      if (!isLag(state.lag)) continue;
      if (!writeLag(link, 0, state.lag, writer)) return false;
      state.lag = { ticks: 0, fullTicks: 0, frames: 0 };
    }
    return true;
  }

  /** What a broken frame announced and does not hold cannot be kept. */
  #countIssue(issue: FrameIssue): void {
    if (issue.kind === 'truncated' && this.#current)
      this.#current.lag.ticks += issue.packetCount - issue.packetIndex;
  }
}

function isLag({ ticks, frames }: Lag): boolean {
  return ticks > 0 || frames > 0;
}

function writeLag(link: number, at: number, lag: Lag, writer: RingWriter): boolean {
  const told = { ...lag, frames: Math.max(0, lag.frames) };
  return writer.write(RecordType.Lag, link, at, encodeReport(RecordType.Lag, told));
}

function writeKept({ type, link, at, bytes }: Kept, writer: RingWriter): boolean {
  return writer.write(type, link, at, bytes);
}
