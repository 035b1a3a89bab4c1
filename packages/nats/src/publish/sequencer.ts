import { MAX_U32 } from '../wire/limits.js';
import { shardOf } from '../wire/shard.js';
import type { Subjects } from '../wire/subjects.js';

/** An instrument: where its packets go, and its last one. */
export interface Route {
  readonly token: number;
  readonly subject: string;
  readonly shard: number;
  /** The sequence of its last packet in this epoch; 0: none. */
  previous: number;
  /** Its next packet may be an old value: it is the first, or the first after a gap. */
  isCached: boolean;
  /** The connection of its last packet. */
  account: number;
  connection: number;
}

/** Numbers packets: within the epoch and the shard, each with the number of the same instrument's packet before it. */
export class Sequencer {
  readonly #subjects: Subjects;
  readonly #drawEpoch: () => number;
  readonly #limit: number;
  readonly #routes = new Map<number, Route>();
  #last: number[];
  #epoch: number;

  /**
   * @param drawEpoch gives a number unique to this life of this publisher, 1 to 2³²−1
   * @param limit the last number of a shard before a new epoch begins
   */
  constructor(subjects: Subjects, drawEpoch: () => number, limit = MAX_U32) {
    this.#subjects = subjects;
    this.#drawEpoch = drawEpoch;
    this.#limit = limit;
    this.#last = zeros(subjects.shards);
    this.#epoch = drawEpoch();
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The last number of each shard. */
  get sequences(): readonly number[] {
    return this.#last;
  }

  /** Whether the route's shard has no number left: call {@link beginEpoch} first. */
  isFull({ shard }: Route): boolean {
    return this.#last[shard]! >= this.#limit;
  }

  routeOf(token: number): Route {
    const known = this.#routes.get(token);
    if (known) return known;
    const route: Route = {
      token,
      subject: this.#subjects.tick(token),
      shard: shardOf(token, this.#subjects.shards),
      ...{ previous: 0, isCached: true, account: 0, connection: 0 },
    };
    this.#routes.set(token, route);
    return route;
  }

  /** The number of the route's next packet. Read `previous` and `isCached` before. */
  next(route: Route): number {
    const sequence = ++this.#last[route.shard]!;
    route.previous = sequence;
    route.isCached = false;
    return sequence;
  }

  /** Restarts the numbers in a new epoch. */
  beginEpoch(): void {
    this.#epoch = this.#drawEpoch();
    this.#last = zeros(this.#subjects.shards);
    for (const route of this.#routes.values()) {
      route.previous = 0;
      route.isCached = true;
    }
  }

  /** The next packets of these instruments, or of a whole connection, may be old values. */
  interrupted(account: number, connection: number, tokens?: readonly number[]): void {
    if (tokens) for (const token of tokens) this.routeOf(token).isCached = true;
    else
      for (const route of this.#routes.values())
        if (route.account === account && route.connection === connection) route.isCached = true;
  }
}

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}
