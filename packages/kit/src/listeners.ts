/** The names of events, from an interface that maps each name to the event's argument. */
export type EventName<Events> = keyof Events & string;

/**
 * The synchronous listeners of one event. A listener that throws, or returns a rejecting promise, is contained: the
 * others are still called, and the failure is reported.
 */
export class ListenerList<Event> {
  readonly #onFailure: (cause: unknown) => void;
  /** Replaced, never changed, because listeners come and go during iteration. */
  #list: readonly ((event: Event) => unknown)[] = [];

  constructor(onFailure: (cause: unknown) => void) {
    this.#onFailure = onFailure;
  }

  get isEmpty(): boolean {
    return this.#list.length === 0;
  }

  /** Returns how to stop listening. A listener that is added twice is called twice. */
  add(listener: (event: Event) => unknown): () => void {
    const entry = (event: Event): unknown => listener(event);
    this.#list = [...this.#list, entry];
    return () => {
      this.#list = this.#list.filter((other) => other !== entry);
    };
  }

  emit(event: Event): void {
    for (const listener of this.#list) {
      try {
        const result = listener(event);
        if (mayBePromise(result)) Promise.resolve(result).catch(this.#onFailure);
      } catch (cause) {
        this.#onFailure(cause);
      }
    }
  }
}

/** Includes promises of other realms and libraries. Does not read `then`, which may throw. */
function mayBePromise(result: unknown): boolean {
  const isObject = typeof result === 'object' || typeof result === 'function';
  return isObject && result !== null && 'then' in result;
}

/** Listeners by event. */
export class Listeners<Events extends object> {
  /** Each list has the events of its name. */
  readonly #byType = new Map<EventName<Events>, unknown>();
  readonly #onFailure: (cause: unknown, type: EventName<Events>) => void;

  constructor(onFailure: (cause: unknown, type: EventName<Events>) => void) {
    this.#onFailure = onFailure;
  }

  /** The list of one event, always the same: keep it at hand for a frequent event. */
  of<Type extends EventName<Events>>(type: Type): ListenerList<Events[Type]> {
    const known = this.#byType.get(type) as ListenerList<Events[Type]> | undefined;
    if (known) return known;
    const list = new ListenerList<Events[Type]>((cause) => {
      this.#onFailure(cause, type);
    });
    this.#byType.set(type, list);
    return list;
  }

  /** Returns how to stop listening. A listener that is added twice is called twice. */
  on<Type extends EventName<Events>>(type: Type, listener: (event: Events[Type]) => unknown): () => void {
    return this.of(type).add(listener);
  }

  /** Whether the event has listeners. */
  has(type: EventName<Events>): boolean {
    return !this.of(type).isEmpty;
  }

  /** Calls the listeners in the order they were added. */
  emit<Type extends EventName<Events>>(type: Type, event: Events[Type]): void {
    this.of(type).emit(event);
  }
}
