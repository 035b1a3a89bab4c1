/** The names of events, by the interface that has each event's argument under its name. */
export type EventName<Events> = keyof Events & string;

type Listener = (event: never) => unknown;

/**
 * Synchronous listeners by event. One that throws, or whose promise rejects, is contained: the others are still called,
 * and the failure is reported.
 */
export class Listeners<Events extends object> {
  readonly #byType = new Map<EventName<Events>, readonly Listener[]>();
  readonly #onFailure: (cause: unknown, type: EventName<Events>) => void;

  constructor(onFailure: (cause: unknown, type: EventName<Events>) => void) {
    this.#onFailure = onFailure;
  }

  /** Returns how to stop listening. A listener that is added twice is called twice. */
  on<Type extends EventName<Events>>(type: Type, listener: (event: Events[Type]) => unknown): () => void {
    const entry = (event: Events[Type]): unknown => listener(event);
    this.#byType.set(type, [...this.#of(type), entry]);
    return () => {
      this.#byType.set(
        type,
        this.#of(type).filter((other) => other !== entry),
      );
    };
  }

  has(type: EventName<Events>): boolean {
    return this.#of(type).length > 0;
  }

  emit<Type extends EventName<Events>>(type: Type, event: Events[Type]): void {
    for (const listener of this.#of(type)) {
      try {
        const result = listener(event as never);
        if (result instanceof Promise) result.catch((cause: unknown) => this.#onFailure(cause, type));
      } catch (cause) {
        this.#onFailure(cause, type);
      }
    }
  }

  #of(type: EventName<Events>): readonly Listener[] {
    return this.#byType.get(type) ?? NOBODY;
  }
}

const NOBODY: readonly Listener[] = [];
