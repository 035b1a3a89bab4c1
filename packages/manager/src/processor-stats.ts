import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { ChannelId } from '@kite/connection';

const NS_PER_MS = 1_000_000;

/** How one connection's frames are processed. Plain and JSON-safe. */
export interface ProcessorStats {
  /** The number of the connection, as in `ConnectionStats`. */
  connectionId: ChannelId;
  /** Frames decoded and texts parsed. */
  messagesProcessed: number;
  /** Messages received a second, over the last five seconds. */
  messagesPerSecond: number;
  /** From a frame's arrival to the end of its delivery, in ms, of one frame a millisecond; zeros before the first. */
  processingLatencyMs: { mean: number; p50: number; p99: number; max: number };
  /** Unix milliseconds of the last message; null before the first. */
  lastProcessedAt: number | null;
  /** Items of this connection that wait in channels, over all consumers. */
  queueSize: number;
  /** Malformed packets, `error` texts of the server, lost connections and contained errors. */
  errorsCount: number;
}

/** The distribution of processing latencies. */
export class LatencyHistogram {
  readonly #histogram: RecordableHistogram = createHistogram();

  record(latencyMs: number): void {
    this.#histogram.record(Math.max(1, Math.round(latencyMs * NS_PER_MS)));
  }

  summary(): ProcessorStats['processingLatencyMs'] {
    const histogram = this.#histogram;
    if (histogram.count === 0) return { mean: 0, p50: 0, p99: 0, max: 0 };
    return {
      mean: histogram.mean / NS_PER_MS,
      p50: histogram.percentile(50) / NS_PER_MS,
      p99: histogram.percentile(99) / NS_PER_MS,
      max: histogram.max / NS_PER_MS,
    };
  }
}
