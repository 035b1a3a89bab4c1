/** A state that came to the client, was not handed to a consumer, and lies in no gap. */
export interface LostState {
  /** A drop may account for it after this item of the stream, */
  readonly after: number;
  /** and before this one; `Infinity`: up to the stream's end. */
  readonly before: number;
  /** The connection that brought it. */
  readonly source: string;
}

/** A number of dropped ticks that a consumer was told. */
export interface Marker {
  /** Its place in the stream. */
  readonly position: number;
  readonly count: number;
  /** The connection that it names. */
  readonly source: string;
}

/**
 * Lets each dropped tick that was counted account for one lost state around its place. Gives the states that none is left
 * for: as few as there can be.
 */
export function unaccounted<T extends LostState>(lost: readonly T[], markers: readonly Marker[]): T[] {
  const waiting = new Earliest<T>();
  const left: T[] = [];
  const byPlace = [...lost].sort((a, b) => a.after - b.after);
  let next = 0;
  const comeUpTo = (position: number): void => {
    while (next < byPlace.length && byPlace[next]!.after < position) waiting.add(byPlace[next++]!);
    // For these it is too late.
    while (waiting.first && waiting.first.before <= position) left.push(waiting.take());
  };
  for (const { position, count } of [...markers].sort((a, b) => a.position - b.position)) {
    comeUpTo(position);
    for (let units = count; units > 0 && waiting.first; units--) waiting.take();
  }
  comeUpTo(Infinity);
  return left;
}

/** The same, where a drop accounts only for what came over the connection that it names. */
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

/** A heap: the state whose time ends first is first. */
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

  /** Only while there is a first one. */
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
