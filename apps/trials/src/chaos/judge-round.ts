import type { SentTick } from '@kite/simulator';

import { Arrivals } from '../oracle/arrivals.js';
import type { Asked } from '../oracle/asked.js';
import type { Facts } from '../oracle/facts.js';
import type { Failure } from '../oracle/failure.js';
import { judgeStreams } from '../oracle/judge-trial.js';
import { MergedStates } from '../oracle/merged-states.js';
import { channelsByTime } from '../oracle/opened-sockets.js';
import { type Pause, Pauses } from '../oracle/pauses.js';
import { secretsIn } from '../oracle/secrets.js';
import { SentStates } from '../oracle/sent-states.js';
import type { StreamRecord } from '../oracle/stream-record.js';
import { TickKeys } from '../oracle/tick-keys.js';
import type { Wanted } from '../oracle/wanted.js';
import type { Note } from './note.js';
import { cutPackets, replayedWire } from './replayed-wire.js';
import type { Moment } from './shared-clock.js';

/** The longest a message can take: lag, and a link that is down. */
const LONGEST_WAY_MS = 10_000;

/** What one program of a round received, and the facts to judge it by. */
export interface RoundFacts {
  readonly began: Moment;
  /** What its sockets saw. */
  readonly notes: readonly Note[];
  /** What the server sent to its accounts, in order. */
  readonly sent: readonly SentTick[];
  /** The server's connection number by socket name. */
  readonly accepted: ReadonlyMap<string, number>;
  readonly accountOf: (apiKey: string) => string;
  readonly wanted: Wanted;
  readonly asked: Asked;
  /** When the client's main thread did nothing. */
  readonly pauses: readonly Pause[];
  readonly replicas: number;
  /** By consumer. The first is the one that reads everything. */
  readonly records: readonly (readonly StreamRecord[])[];
  readonly secrets: readonly string[];
  readonly isDownAtEnd: boolean;
}

/** The verdict, and the facts behind it. */
export interface RoundVerdict {
  readonly failures: readonly Failure[];
  readonly facts: Facts;
}

/** Judges what one program's consumers received against what the server sent and what reached the sockets. */
export function judgeRound(round: RoundFacts): RoundVerdict {
  const { began, notes, accepted, accountOf, wanted, asked, pauses, records, isDownAtEnd } = round;
  const wire = replayedWire(notes, began, accepted);
  const sent = withoutCut(round);
  const facts: Facts = {
    sent: new SentStates(sent, { sockets: wire.sockets, beganAt: began.wall, accountOf }),
    wire,
    wanted,
    pauses: new Pauses(pauses),
    channels: channelsByTime(records[0] ?? [], wire.sockets, accountOf),
    isDownAtEnd,
  };
  const arrivals = new Arrivals(wire.sockets, sent, began.wall);
  const merged = new MergedStates(sent, began.wall, accountOf, arrivals);
  const replicas = {
    sent: merged,
    arrivals,
    asked,
    keys: new TickKeys(),
    longestWayMs: LONGEST_WAY_MS,
    hasWorkers: true,
  };
  // Judging other consumers of a merged stream needs the exact turn of each read. Real threads are not that exact.
  const failures =
    round.replicas > 1 ? judgeStreams(records.slice(0, 1), facts, replicas) : judgeStreams(records, facts);
  return { failures: [...failures, ...shownSecrets(round)], facts };
}

/** Marks cut-off packets as damaged. */
function withoutCut({ sent, notes, accepted }: RoundFacts): readonly SentTick[] {
  const cut = new Map(
    [...cutPackets(notes)].map(([socket, places]) => [accepted.get(socket), places] as const),
  );
  const places = new Map<number, number>();
  return sent.map((tick) => {
    const place = places.get(tick.connectionId) ?? 0;
    places.set(tick.connectionId, place + 1);
    return cut.get(tick.connectionId)?.has(place) ? { ...tick, damaged: true } : tick;
  });
}

function shownSecrets({ records, secrets }: RoundFacts): Failure[] {
  return records
    .flat()
    .flatMap(({ consumer, items }) =>
      items
        .filter(({ item }) => item.type === 'other' || item.type === 'gap' || item.type === 'state')
        .flatMap(({ at, item }) =>
          secretsIn(item, secrets).map((text): Failure => ({ rule: 'secret-shown', at, consumer, text })),
        ),
    );
}
