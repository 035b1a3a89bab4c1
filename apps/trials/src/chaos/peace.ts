import { isProbe, judgeProbe } from '../oracle/judge-probe.js';
import { judgeRest } from '../oracle/judge-rest.js';
import type { Program } from './program.js';
import type { ServedConnection } from './server-wire.js';

/** The capacity of a connection. */
const MAX_SYMBOLS = 3000;

/**
 * Judges a program after the faults, once everything has had time to recover, by what the server streams to it.
 *
 * @returns whether everything streams
 */
export function judgePeace(program: Program, connections: readonly ServedConnection[], at: number): boolean {
  const { plan, modes, client, accounts, failures } = program;
  const open = connections
    .filter(({ apiKey }) => program.has(apiKey))
    .map(({ apiKey, book }) => ({ account: program.accountOf(apiKey), book }));
  const all = plan.connections * accounts.length;
  if (open.length < all) program.fail('not-streaming', `${open.length} of ${all} connections are open`);
  const rest = judgeRest({
    ...{ at, wanted: modes, open, connections: all, replicas: plan.replicas, maxSymbols: MAX_SYMBOLS },
    // The spread of instruments and their silence are not judged here.
    ...{ isFresh: false, hasMoved: true, silent: new Set<number>(), heard: new Set<number>() },
    said: client.said(),
  });
  failures.push(...rest);
  return !failures.some(({ rule }) => rule === 'not-streaming');
}

/** Judges that each instrument's last tick reached the consumer that reads everything, and `getLastTick()`. */
export function judgeNewest(program: Program, probedAt: number, at: number): void {
  const { consumers, modes, client, plan, failures } = program;
  const [all] = consumers;
  const record = all!.records.at(-1);
  const due = [...modes.keys()];
  if (record && record.from < probedAt && all!.hasCaughtUp) failures.push(...judgeProbe(record, due, at));
  if (plan.layer === 'ticker') return;
  const behind = due.filter((token) => !isProbe(client.lastTick(token)));
  if (behind.length > 0) program.fail('stale', `getLastTick(${behind[0]}) is not the newest`);
}
