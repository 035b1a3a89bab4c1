import type { TickerState } from '@kite/protocol';

import type { SocketLog } from '../run/wire-log.js';
import type { Failure } from './failure.js';
import { OpenedSockets } from './opened-sockets.js';
import type { StreamRecord } from './stream-record.js';

/** The facts that connection states are judged by. */
export interface StateFacts {
  readonly sockets: readonly SocketLog[];
  readonly accountOf: (apiKey: string) => string;
  /** Whether a client thread was blocked at some time in this span, in virtual milliseconds since the trial began. */
  wasBlocked(from: number, to: number): boolean;
  readonly reconnectDelayMs: number;
  readonly maxReconnectDelayMs: number;
  /** When a program gave new credentials: a waiting connection dials at once. */
  readonly logIns: readonly number[];
  /** From then on programs give new credentials: a waiting connection dials at once. */
  readonly faultsEndAt: number;
}

/** The states that can follow each state. After a worker crash a connection waits, whatever it did before. */
const NEXT: Readonly<Record<TickerState, readonly TickerState[]>> = {
  idle: ['connecting', 'waiting', 'failed', 'closed'],
  connecting: ['open', 'waiting', 'failed', 'closed'],
  open: ['waiting', 'failed', 'closing', 'closed'],
  waiting: ['connecting', 'waiting', 'failed', 'closed'],
  closing: ['waiting', 'closed'],
  closed: ['connecting', 'waiting'],
  failed: ['connecting', 'waiting', 'closed'],
};

/** The longer wait after a refusal: the option's default plus up to a random fifth, in milliseconds. */
const REFUSED_MS = 72_000;
const REFUSALS: ReadonlySet<string> = new Set([
  'KITE_CONNECTION_RATE_LIMITED',
  'KITE_CONNECTION_LIMIT_REACHED',
  'KITE_CONNECTION_UNAUTHORIZED',
  'KITE_CONNECTION_TOKEN_UNCHANGED',
]);

/** Starting a thread, and a call of a token function, take a moment. */
const MOMENT_MS = 1000;

/**
 * Judges the states of all connections, as reported to a consumer that loses nothing: each follows from the one before,
 * each opened socket is reported once, and a lost connection is dialled again in time.
 */
export function judgeStates(stream: StreamRecord, facts: StateFacts): Failure[] {
  const failures: Failure[] = [];
  const fail = (rule: Failure['rule'], at: number, text: string): void => {
    failures.push({ rule, at, consumer: stream.consumer, text });
  };
  /** New credentials restart an attempt that is under way. */
  const isLogIn = (since: number, at: number): boolean =>
    at >= facts.faultsEndAt || facts.logIns.some((logIn) => since <= logIn && logIn <= at);
  const lastOf = new Map<string, { state: TickerState; at: number; code: string | undefined }>();
  const opened = new OpenedSockets(stream, facts.sockets, facts.accountOf);
  for (const { at, item } of stream.items) {
    if (item.type !== 'state') continue;
    const connection = `connection ${item.from.channelId + 1} of ${item.from.account}`;
    const { state, code } = item;
    const last = lastOf.get(connection);
    lastOf.set(connection, { state, at, code });
    const openedAt = state === 'open' ? (opened.of(item)?.openedAt ?? Infinity) : 0;
    if (openedAt > at) fail('state-wrong', at, `${connection} is told to be open, and no socket has opened`);
    if (!last) continue;
    // An I/O worker reports it a moment later, and once for each of several that came at once.
    const isBegunAnew =
      state === 'connecting' && last.state === 'connecting' && isLogIn(last.at - MOMENT_MS, at);
    if (!NEXT[last.state].includes(state) && !isBegunAnew)
      fail('state-wrong', at, `${connection} is ${state} after ${last.state}`);
    if (last.state !== 'waiting' || state !== 'connecting' || at >= facts.faultsEndAt) continue;
    // States that came while a thread was blocked are reported as soon as it continues.
    if (facts.wasBlocked(last.at - MOMENT_MS, at)) continue;
    const most = REFUSALS.has(last.code ?? '') ? REFUSED_MS : facts.maxReconnectDelayMs;
    const waited = at - last.at;
    if (isLogIn(last.at, at)) continue;
    if (waited < facts.reconnectDelayMs - 1)
      fail('reconnect-unpaced', at, `${connection} dials again after ${Math.round(waited)} ms`);
    if (waited > most + MOMENT_MS)
      fail(
        'reconnect-unpaced',
        at,
        `${connection} has waited for ${Math.round(waited)} ms, and may for ${most}`,
      );
  }
  for (const { openedAt, leftAt } of opened.untold) {
    const isKnown = openedAt! + MOMENT_MS < Math.min(stream.to ?? Infinity, leftAt ?? Infinity);
    if (isKnown && !facts.wasBlocked(openedAt!, openedAt! + MOMENT_MS))
      fail('state-wrong', openedAt!, 'a socket opened, and no connection is told to be open');
  }
  return failures;
}
