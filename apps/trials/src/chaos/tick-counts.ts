import type { SentTick } from '@kite/simulator';

import type { StreamRecord } from '../oracle/stream-record.js';
import type { TickCounts } from './tally.js';

/** Counts what was sent and what the consumer that reads everything received. */
export function tickCounts(sent: readonly SentTick[], all: readonly StreamRecord[]): TickCounts {
  let [delivered, dropped, gaps, tooLate, orders] = [0, 0, 0, 0, 0];
  for (const { item } of all.flatMap(({ items }) => items))
    switch (item.type) {
      case 'ticks':
        delivered += item.ticks.length;
        break;
      case 'dropped':
        dropped += item.count;
        break;
      case 'gap':
        gaps++;
        if (item.gap.reason === TOO_LATE) tooLate += item.gap.instrumentTokens?.length ?? 0;
        break;
      case 'order':
        orders++;
        break;
      case 'state':
      case 'other':
    }
  const rest = Math.max(0, sent.length - delivered - dropped - tooLate);
  return { sent: sent.length, delivered, dropped, gaps, tooLate, rest, orders };
}

/** The reason of a gap for states that came after newer ones. */
const TOO_LATE = 'replica too late';
