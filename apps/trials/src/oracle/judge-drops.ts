import { type Marker, unaccounted, unaccountedBySource } from './drops.js';
import type { Facts } from './facts.js';
import type { Failure, Rule } from './failure.js';
import { type Lost, told, UNKNOWN } from './read-stream.js';
import type { Reference } from './reference.js';
import { fedUntil, type StreamRecord, timeOf } from './stream-record.js';

/** At the end each of nine connections reports closing and closed: a full channel counts both. */
const LAST_WORDS = 18;

/** The most breaches of one kind that are reported. */
const MOST_TOLD = 5;

/** What a consumer lacks, and which losses were reported to it. */
export interface StreamDrops {
  readonly lost: readonly Lost[];
  readonly markers: readonly (Marker & { at: number })[];
  /** States that came, need not be delivered and were not: a drop may count them. */
  readonly free: number;
  readonly isJudgedToItsEnd: boolean;
}

/** Judges the dropped counts of a consumer by what it lacks. */
export function judgeDrops(
  record: StreamRecord,
  drops: StreamDrops,
  facts: Facts,
  reference: Reference | undefined,
): Failure[] {
  return new DropJudge(record, drops, facts, reference).judge();
}

class DropJudge {
  readonly #record: StreamRecord;
  readonly #drops: StreamDrops;
  readonly #facts: Facts;
  readonly #reference: Reference | undefined;
  readonly #failures: Failure[] = [];

  constructor(record: StreamRecord, drops: StreamDrops, facts: Facts, reference: Reference | undefined) {
    this.#record = record;
    this.#drops = drops;
    this.#facts = facts;
    this.#reference = reference;
  }

  /** Counts and lost states, matched in three steps: how many, where, and from which connection. */
  judge(): Failure[] {
    const { lost, markers, free } = this.#drops;
    const total = markers.reduce((sum, { count }) => sum + count, 0);
    const left = unaccounted(lost, markers)
      .filter((one) => !this.#isNeverTold(one))
      .sort((a, b) => a.noticedAt - b.noticedAt);
    const missing = lost.length - Math.min(lost.length, total);
    const counted = `${lost.length} are missing, ${total} were counted as dropped`;
    this.#tell(left.slice(0, missing), 'lost', counted);
    this.#tell(left.slice(missing), 'drop-misplaced', 'what was counted stands elsewhere');
    const { plan } = this.#record;
    // A batch of ticks has one count. It includes other connections if none of their batches waits behind it.
    const isToldApart = plan.kind !== 'ticks' && lost.every(({ source }) => source !== UNKNOWN);
    if (left.length === 0 && isToldApart && plan.overflow !== 'conflate')
      this.#tell(unaccountedBySource(lost, markers), 'drop-source', 'it was counted for another connection');
    // Only the consumer that reads everything shows what else a slow consumer lost.
    if (!this.#reference && plan.id !== 'all') return this.#failures;
    const missingInAll = lost.length + free + this.#lostOthers() + this.#lostOfOthers();
    const last = markers.at(-1);
    if (last && this.#drops.isJudgedToItsEnd && total > missingInAll + (this.#reference ? LAST_WORDS : 0))
      this.#failures.push({
        rule: 'drop-overcounted',
        at: last.at,
        consumer: this.#record.consumer,
        text: `${total} were counted as dropped, and ${missingInAll} are missing`,
      });
    return this.#failures;
  }

  /** The next batch carries the loss: after the last batch nothing is reported. */
  #isNeverTold({ before }: Lost): boolean {
    return this.#record.plan.kind === 'ticks' && before === Infinity;
  }

  /** Lost items other than ticks, each counted as one. */
  #lostOthers(): number {
    const { plan, items, from } = this.#record;
    if (plan.kind === 'ticks' || plan.kind === 'frames' || !this.#reference) return 0;
    const taken = items.filter(({ item }) => item.type !== 'ticks' && item.type !== 'dropped').length;
    const [first, end] = [from, fedUntil(this.#record)].map((at) => this.#reference!.upTo(at)) as [
      number,
      number,
    ];
    return Math.max(0, end - first - this.#reference.ticks(first, end) - taken);
  }

  /** A loss on the way does not name its instruments, so a consumer of some instruments gets the whole count. */
  #lostOfOthers(): number {
    const { plan, from } = this.#record;
    if (!plan.tokens) return 0;
    const lost = (this.#facts.lostOnTheWay ?? []).filter(({ at }) => at >= from);
    return lost.reduce((sum, { count }) => sum + count, 0);
  }

  #tell(lost: readonly Lost[], rule: Rule, why: string): void {
    for (const { state, noticedAt } of lost.slice(0, MOST_TOLD))
      this.#failures.push({
        rule,
        at: timeOf(this.#record, noticedAt),
        consumer: this.#record.consumer,
        instrument: state.token,
        text: `${told(state)}; ${why}`,
      });
  }
}
