import type { Arrivals } from './arrivals.js';
import type { Failure } from './failure.js';
import type { SentStates } from './sent-states.js';
import type { StreamRecord } from './stream-record.js';

/** What drops are judged by. */
export interface DropFacts {
  readonly sent: SentStates;
  readonly arrivals: Arrivals;
  /** Everything but ticks that a consumer without losses was handed in that time: each counts for one if it is dropped. */
  readonly others: number;
}

/** Judges that no more is told as dropped than came and was not handed on. */
export function judgeDrops(stream: StreamRecord, { sent, arrivals, others }: DropFacts): Failure[] {
  let [dropped, delivered] = [0, 0];
  for (const { item } of stream.items) {
    if (item.type === 'dropped') dropped += item.count;
    if (item.type === 'ticks') delivered += item.ticks.length;
  }
  if (dropped === 0) return [];
  const end = stream.to ?? Infinity;
  let came = 0;
  for (const token of sent.tokens)
    for (const state of sent.of(token)) {
      const at = arrivals.of(state)?.at;
      if (at !== undefined && at >= stream.from && at <= end) came++;
    }
  const most = came - delivered + others;
  if (dropped <= most) return [];
  const { at } = stream.items.at(-1)!;
  const text = `${dropped} ticks are told as dropped, and ${most} at most were`;
  return [{ rule: 'drop-overcounted', at, consumer: stream.consumer, text }];
}

/** How much beside ticks a consumer without losses was handed while another one was there. */
export function othersIn(all: readonly StreamRecord[], { from, to = Infinity }: StreamRecord): number {
  let count = 0;
  for (const { items } of all)
    for (const { at, item } of items) if (item.type !== 'ticks' && at >= from && at <= to) count++;
  return count;
}
