/** A state that reached the client, was not delivered to a consumer and lies in no gap. */
export interface LostState {
  /** A drop may account for it after this item of the stream, */
  readonly after: number;
  /** and before this one; `Infinity`: up to the stream's end. */
  readonly before: number;
  /** The connection that brought it. */
  readonly source: string;
}

/** A number of dropped ticks reported to a consumer. */
export interface Marker {
  /** Its place in the stream. */
  readonly position: number;
  readonly count: number;
  /** The connection that it names. */
  readonly source: string;
}

/** Matches each counted drop with one lost state around its place. Returns the unmatched states, as few as possible. */
export function unaccounted<T extends LostState>(lost: readonly T[], markers: readonly Marker[]): T[] {
  const waiting = new Earliest<T>();
  const left: T[] = [];
  const byPlace = [...lost].sort((a, b) => a.after - b.after);
  let next = 0;
  const comeUpTo = (position: number): void => {
    while (next < byPlace.length && byPlace[next]!.after < position) waiting.add(byPlace[next++]!);
    // No later drop can account for these.
    while (waiting.first && waiting.first.before <= position) left.push(waiting.take());
  };
  for (const { position, count } of [...markers].sort((a, b) => a.position - b.position)) {
    comeUpTo(position);
    for (let units = count; units > 0 && waiting.first; units--) waiting.take();
  }
  comeUpTo(Infinity);
  return left;
}

/** The same, but a drop accounts only for states from the connection that it names. */
export function unaccountedBySource<T extends LostState>(
  lost: readonly T[],
  markers: readonly Marker[],
): T[] {
  const sources = new Set(lost.map(({ source }) => source));
  return [...sources].flatMap((source) =>
    unaccounted(
      lost.filter((one) => one.source === source),
      markers.filter((one) => one.source === source),
    ),
  );
}

/** A heap: the state with the earliest end comes first. */
class Earliest<T extends LostState> {
  readonly #heap: T[] = [];

  get first(): T | undefined {
    return this.#heap[0];
  }

  add(one: T): void {
    const heap = this.#heap;
    let at = heap.push(one) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above]!.before <= one.before) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = one;
  }

  /** Call only while there is a first one. */
  take(): T {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1]!.before < heap[below]!.before) below++;
      if (heap[below]!.before >= last.before) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}
