import type { Origin, Said } from '../client/client.js';
import { Arrivals } from '../oracle/arrivals.js';
import type { Facts } from '../oracle/facts.js';
import type { Failure } from '../oracle/failure.js';
import { differencesOf } from '../oracle/judge-counts.js';
import { isProbe, judgeProbe, mayLackProbe } from '../oracle/judge-probe.js';
import { judgeSlowReader } from '../oracle/judge-slow-reader.js';
import { judgeStates, type StateFacts } from '../oracle/judge-states.js';
import { judgeSubscriber } from '../oracle/judge-subscriber.js';
import { judgeTokens } from '../oracle/judge-tokens.js';
import { judgeStreams, judgeStreamsWithPins, type ReplicaFacts } from '../oracle/judge-trial.js';
import { MergedStates } from '../oracle/merged-states.js';
import { channelsOf } from '../oracle/opened-sockets.js';
import { secretsIn } from '../oracle/secrets.js';
import { SentStates } from '../oracle/sent-states.js';
import type { StreamRecord } from '../oracle/stream-record.js';
import { TickKeys } from '../oracle/tick-keys.js';
import { ANY, type Program } from './program.js';
import type { TrialSystem } from './trial-system.js';
import type { SocketLog } from './wire-log.js';

/** The option's default. */
const RECONNECT_DELAY_MS = 2000;

/** The longest a message can take through the network, clogs and lags included. */
const LONGEST_WAY_MS = 25_000;

/** Judges that every consumer that has read everything has the last tick of each instrument. Call it once those have arrived. */
export function judgeProbes(
  { failures, consumers, client, now }: TrialSystem,
  { modes }: Program,
  tokens: readonly number[],
  probedAt: number,
): void {
  // Already reported, and no tick can arrive.
  if (failures.some(({ rule }) => rule === 'not-streaming')) return;
  for (const consumer of consumers) {
    const record = consumer.records.at(-1);
    // A channel that was opened after the last ticks were sent has not seen all of them.
    if (!record || record.from >= probedAt || !consumer.hasCaughtUp) continue;
    const isSure = !mayLackProbe(record, probedAt, consumer.dropped);
    const due = tokens.filter((token) => modes.has(token));
    // A consumer of one connection sees only the instruments that are placed on it.
    if (isSure && !consumer.plan.of) failures.push(...judgeProbe(record, due, now));
  }
  const behind = tokens.filter((token) => !isProbe(client.lastTick(token)));
  if (behind.length > 0)
    failures.push({ rule: 'stale', at: now, text: `getLastTick(${behind[0]}) is not the newest` });
}

/** Judges the statistics. Needs the consumer that reads everything: without it the counts cannot be checked. */
export function judgeCounts(system: TrialSystem, { counts }: Said): void {
  const { consumers, readers, wire, scenario } = system;
  if (consumers[0]?.plan.id !== 'all') return;
  const [all = [], ...others] = readers.map(({ records }) =>
    records.flatMap(({ items }) => items.map(({ item }) => item)),
  );
  const dropped = others.flat().flatMap((item) => (item.type === 'dropped' ? [item.count] : []));
  const differences = differencesOf(counts, {
    messages: wire.messages,
    packets: wire.packets,
    isAll: !scenario.worker,
    toldDropped: scenario.worker ? undefined : dropped.reduce((sum, count) => sum + count, 0),
    toldGaps:
      scenario.replicas > 1 || hasPaused(consumers[0].records)
        ? undefined
        : all.filter((item) => item.type === 'gap' && !item.gap.instrumentTokens).length,
  });
  for (const text of differences) system.fail('stats-wrong', text);
}

/** Whether it did not read for a while: its feed had failed, and may have been revived before it looked again. */
function hasPaused(records: readonly StreamRecord[]): boolean {
  return records.some(({ from }, index) => index > 0 && from > records[index - 1]!.to! + 1);
}

/** Judges what every consumer was handed, and that no secret is in anything the client shows. */
export function judgeEnd(system: TrialSystem, program: Program, shown: unknown): void {
  const { failures, consumers, wire, logins, pauses, scenario } = system;
  const records = consumers.map((consumer) => consumer.records);
  const all = records.find(([first]) => first?.plan.id === 'all') ?? [];
  const facts = factsOf(system, program, all);
  const replicas = scenario.replicas > 1 ? replicaFactsOf(system, program) : undefined;
  failures.push(...judgeAll(system, program, facts, replicas));
  const wasBlocked = (from: number, to: number): boolean => system.wasBlocked(from, to);
  // With the option `lastTicks` a manager keeps them for everybody; a manager of several accounts does so for its subscribers.
  const keptLastTicks = (from: number, to: number): boolean =>
    system.plan.accounts.length === 1 || program.subscribed.throughout(ANY, from, to);
  const isHeldBy = (token: number, connection: Origin, at: number): boolean =>
    // Where copies are merged, the gaps of what the strategy has placed name its instruments.
    (scenario.replicas === 1 || program.pins.throughout(connection.account, token, at, at)) &&
    isSubscribedOn(system, facts, token, connection, at);
  const options = { all, wanted: program.wanted, keptLastTicks, isHeldBy, wasBlocked };
  for (const { plan, own, consumer, slow } of system.subscribers) {
    const { records: read } = consumer;
    const { id, exact: isExact } = plan;
    failures.push(
      ...judgeSubscriber({ ...options, id, isExact, records: read, own }),
      ...(slow ? judgeSlowReader(slow.records, read, pauses) : []),
    );
  }
  const states = stateFactsOf(system);
  for (const record of all) failures.push(...judgeStates(record, states));
  failures.push(...judgeTokens(wire.sockets, logins.given, pauses));
  judgeSecrets(
    system,
    system.readers.flatMap((reader) => reader.records),
    shown,
  );
}

/** Whether the client had subscribed the instrument on the newest socket of a connection, as that opened or since. */
function isSubscribedOn(
  { wire, logins }: TrialSystem,
  { channels }: Facts,
  token: number,
  { account, channelId }: Origin,
  at: number,
): boolean {
  const socket = wire.sockets
    .filter(
      ({ apiKey, connectionId, openedAt }) =>
        (openedAt ?? Infinity) <= at &&
        logins.idOf(apiKey) === account &&
        channels.get(connectionId ?? 0) === channelId,
    )
    .at(-1);
  if (!socket) return true;
  const changesOn = ({ subscriptions }: SocketLog) =>
    subscriptions.filter((change) => change.at <= at + 1 && change.tokens.has(token));
  // It may have moved here in the same moment, just after.
  const moves = wire.sockets.some((other) =>
    changesOn(other).some((change) => change.at >= at - 1 && !change.isSubscribed),
  );
  return !moves && (changesOn(socket).at(-1)?.isSubscribed ?? false);
}

/** Judges the consumers of the whole feed. */
function judgeAll(
  { consumers, day, wire, logins }: TrialSystem,
  { pins }: Program,
  facts: Facts,
  replicas: ReplicaFacts | undefined,
): Failure[] {
  const records = consumers.map((consumer) => consumer.records);
  if (pins.tokens.size === 0) return judgeStreams(records, facts, replicas);
  const sent = new SentStates(day.simulator.sent, {
    sockets: wire.sockets,
    beganAt: day.startsAt,
    accountOf: (apiKey) => logins.idOf(apiKey),
  }).where(({ token }) => pins.tokens.has(token));
  const options = { keys: new TickKeys(), longestWayMs: LONGEST_WAY_MS, pins, sent };
  return judgeStreamsWithPins(records, facts, options, replicas);
}

function factsOf(system: TrialSystem, { wanted }: Program, all: readonly StreamRecord[]): Facts {
  const { day, wire, logins, pauses, failures, scenario } = system;
  const { sockets } = wire;
  const accountOf = (apiKey: string): string => logins.idOf(apiKey);
  // With replicas the streams are judged by MergedStates alone.
  const sent = scenario.replicas > 1 ? [] : day.simulator.sent;
  return {
    sent: new SentStates(sent, { sockets, beganAt: day.startsAt, accountOf }),
    wire,
    wanted,
    pauses,
    channels: channelsOf(all, sockets, accountOf),
    isDownAtEnd: failures.some(({ rule }) => rule === 'not-streaming'),
  };
}

function replicaFactsOf({ day, wire, logins, scenario }: TrialSystem, { asked }: Program): ReplicaFacts {
  const { sent } = day.simulator;
  const arrivals = new Arrivals(wire.sockets, sent, day.startsAt);
  return {
    sent: new MergedStates(sent, day.startsAt, (apiKey) => logins.idOf(apiKey), arrivals),
    arrivals,
    asked,
    keys: new TickKeys(),
    longestWayMs: LONGEST_WAY_MS,
    hasWorkers: scenario.worker,
  };
}

function stateFactsOf(system: TrialSystem): StateFacts {
  const { lengthMs, maxReconnectDelayMs, actions } = system.plan;
  return {
    sockets: system.wire.sockets,
    accountOf: (apiKey) => system.logins.idOf(apiKey),
    wasBlocked: (from, to) => system.wasBlocked(from, to),
    reconnectDelayMs: RECONNECT_DELAY_MS,
    maxReconnectDelayMs,
    logIns: actions.flatMap(({ kind, at }) => (kind === 'log-in' ? [system.pauses.awakeAt(at)] : [])),
    faultsEndAt: lengthMs,
  };
}

function judgeSecrets(system: TrialSystem, records: readonly StreamRecord[], shown: unknown): void {
  const { secrets } = system.logins;
  for (const { consumer, items } of records)
    for (const { at, item } of items)
      if (item.type === 'other' || item.type === 'gap' || item.type === 'state')
        for (const secret of secretsIn(item, secrets))
          system.failures.push({ rule: 'secret-shown', at, consumer, text: secret });
  for (const secret of secretsIn(shown, secrets)) system.fail('secret-shown', secret);
}
