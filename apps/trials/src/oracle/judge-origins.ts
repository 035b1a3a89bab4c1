import type { Item, Origin } from '../client/client.js';
import type { Arrivals } from './arrivals.js';
import type { Failure } from './failure.js';
import type { SentState, SentStates } from './sent-states.js';
import type { StreamRecord } from './stream-record.js';

/** What origins are judged by. */
export interface OriginFacts {
  readonly sent: SentStates;
  readonly arrivals: Arrivals;
  /** The client's connection that a connection of the server belongs to; undefined where that is not known. */
  readonly originOf: (connectionId: number) => Origin | undefined;
  /** A merged feed hands ticks on later than they came, and without the connection that brought them first. */
  readonly merges: boolean;
}

/** Clocks of one turn may differ by rounding. */
const TOLERANCE_MS = 1;

/** Judges what ticks say of themselves: over which account and connection they came, and when. */
export function judgeOrigins(stream: StreamRecord, facts: OriginFacts): Failure[] {
  const failures: Failure[] = [];
  for (const { at, item } of stream.items) {
    if (item.type !== 'ticks') continue;
    let isTimed = facts.merges;
    for (const tick of item.ticks) {
      // Several states with the same bytes may have been sent: one of them has to fit.
      const same = facts.sent.with(tick.key);
      // What was never sent breaks another rule.
      if (same.length === 0) isTimed = true;
      else if (!same.some((state) => isFrom(state, item.from, facts)))
        failures.push({
          rule: 'origin-wrong',
          at,
          consumer: stream.consumer,
          instrument: tick.token,
          text: `it did not come over connection ${item.from.channelId + 1} of ${item.from.account}`,
        });
      isTimed ||= same.some((state) => isReceivedWith(state, item, facts));
    }
    if (isTimed || item.ticks.length === 0) continue;
    const text = `no tick of a batch came when it was received, at ${item.receivedAt}`;
    failures.push({ rule: 'origin-wrong', at, consumer: stream.consumer, text });
  }
  return failures.slice(0, 5);
}

function isFrom(
  { account, connectionId }: SentState,
  from: Origin,
  { merges, originOf }: OriginFacts,
): boolean {
  const channelId = merges ? undefined : originOf(connectionId)?.channelId;
  return account === from.account && (channelId === undefined || channelId === from.channelId);
}

/** A batch is received with the newest of its ticks. */
function isReceivedWith(
  state: SentState,
  item: Item & { type: 'ticks' },
  { arrivals }: OriginFacts,
): boolean {
  const arrival = arrivals.of(state);
  return arrival === undefined || Math.abs(arrival.wall - item.receivedAt) <= TOLERANCE_MS;
}
