import { describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '@kite/simulator';
import { eventually } from '@kite/testkit';

import { judgeRound, type RoundFacts } from '../../src/chaos/judge-round.js';
import type { Note } from '../../src/chaos/note.js';
import { Program } from '../../src/chaos/program.js';
import type { Layer, RoundPlan } from '../../src/chaos/round-plan.js';
import { nextMoment, sharedMs } from '../../src/chaos/shared-clock.js';
import { SocketWatch } from '../../src/chaos/socket-watch.js';
import type { StreamRecord } from '../../src/oracle/stream-record.js';
import { onAccepted } from '../../src/run/on-accepted.js';

const PLAN: Omit<RoundPlan, 'programs'> = {
  seed: 1,
  number: 1,
  lengthMs: 1000,
  instruments: [5_120_001, 5_120_257, 5_120_513],
  timing: {
    failoverAfterMs: 5000,
    heartbeatLivenessThresholdMs: 5000,
    reconnectDelayMs: 20,
    maxReconnectDelayMs: 50,
    connectionTimeoutMs: 5000,
  },
  faults: [],
};

/** What became of a short time in which frames were cut short and connections lost. */
async function shortTime(layer: Layer): Promise<RoundFacts> {
  await using simulator = await startSimulator({ ticksPerSecond: 1000, stepIntervalMs: 5, recordSent: true });
  const accepted = acceptedBy(simulator);
  const notes: Note[] = [];
  const began = nextMoment();
  const watch = new SocketWatch('test', (note) => notes.push(note));
  const plan = { layer, accounts: 1, connections: layer === 'ticker' ? 1 : 3, replicas: 1 };
  const round = { ...PLAN, programs: [{ ...plan, ringBytes: 4096, hasFixedTokens: true, isRelayed: false }] };
  const now = (): number => sharedMs() - began.sharedMs;
  const program = new Program(round, 0, { url: simulator.url, watch, workerUrl: undefined, now });
  const [all] = program.consumers;
  all!.open();
  program.subscribe(PLAN.instruments, 'full');
  await program.start();
  const items = (): number => all!.records[0]!.items.length;
  await eventually(() => expect(items()).toBeGreaterThan(40));
  watch.cut({ apiKey: program.accounts[0]!.apiKey, frames: 2, part: 0.5 });
  await eventually(() => expect(items()).toBeGreaterThan(80));
  simulator.drop();
  await eventually(() => expect(all!.records[0]!.items.some(({ item }) => item.type === 'gap')).toBe(true));
  const before = items();
  await eventually(() => expect(items()).toBeGreaterThan(before + 40));
  simulator.setTicksPerSecond(0);
  await eventually(() => expect(arrived(notes, accepted, simulator)).toBe(sentTo(simulator)));
  await eventually(() => expect(all!.hasCaughtUp).toBe(true));
  await program.stop();
  return {
    ...{ began, notes, accepted, sent: simulator.sent, records: [all!.records] },
    ...{ wanted: program.wanted, asked: program.asked, pauses: [], replicas: 1 },
    ...{ secrets: program.secrets, isDownAtEnd: false },
    accountOf: (apiKey) => program.accountOf(apiKey),
  };
}

/** Packets that were sent on the connections that are open, */
function sentTo({ connections }: Simulator): number {
  return connections.reduce((sum, { counters }) => sum + counters.ticksSent, 0);
}

/** and that have come. */
function arrived(
  notes: readonly Note[],
  accepted: ReadonlyMap<string, number>,
  { connections }: Simulator,
): number {
  const isOpen = ({ socket }: Note): boolean => connections.some(({ id }) => id === accepted.get(socket));
  return notes.reduce((sum, note) => sum + (note.type === 'frame' && isOpen(note) ? note.packets : 0), 0);
}

function acceptedBy(simulator: Simulator): ReadonlyMap<string, number> {
  const accepted = new Map<string, number>();
  onAccepted(simulator, (socket, connectionId) => accepted.set(socket, connectionId));
  return accepted;
}

/**
 * The facts without the batch in the middle of the longest run of batches of one connection. No gap is beside it, and no
 * snapshot repeats its ticks, so the judge cannot mistake the loss for anything else.
 */
function withoutOneBatch(facts: RoundFacts): RoundFacts {
  const [record] = facts.records[0] as [StreamRecord];
  const runs = new Map<number, StreamRecord['items'][number][]>();
  let longest: StreamRecord['items'] = [];
  for (const entry of record.items) {
    const { type, from } = entry.item;
    const run = type === 'ticks' ? (runs.get(from.channelId) ?? []) : [];
    if (type === 'ticks') run.push(entry);
    runs.set(from.channelId, run);
    if (run.length > longest.length) longest = run;
  }
  const lost = longest[Math.floor(longest.length / 2)];
  return { ...facts, records: [[{ ...record, items: record.items.filter((entry) => entry !== lost) }]] };
}

describe('the judge of chaos', () => {
  test.each(['ticker', 'manager'] as const)(
    'finds the loss that is planted in what a %s was handed, and nothing else',
    async (layer) => {
      const facts = await shortTime(layer);
      expect(facts.notes.some((note) => note.type === 'frame' && note.whole < note.packets)).toBe(true);
      expect(judgeRound(facts).failures).toEqual([]);
      const rules = judgeRound(withoutOneBatch(facts)).failures.map(({ rule }) => rule);
      expect(rules).toContain('lost');
    },
  );
});
