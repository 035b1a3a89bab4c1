import type { SentTick, Simulator } from '@kite/simulator';

/** What the server knows of each instrument on each connection. Times are virtual milliseconds since the trial began. */
export class ServerLog {
  readonly #simulator: Simulator;
  readonly #beganAt: number;
  readonly #subscribedAt = new Map<number, Map<number, number>>();
  readonly #sentAt = new Map<number, Map<number, number>>();
  #lastSequence = 0;

  constructor(simulator: Simulator, beganAt: number, trueNow: () => number) {
    this.#simulator = simulator;
    this.#beganAt = beganAt;
    simulator.on('request', ({ connection, request }) => {
      if (request.action !== 'subscribe') return;
      for (const token of request.tokens)
        // In whole milliseconds, as what is sent.
        inner(this.#subscribedAt, connection.id).set(token, Math.floor(trueNow()));
    });
  }

  /** When the instrument was last subscribed on the connection. */
  subscribedAt(connectionId: number, token: number): number | undefined {
    return this.#subscribedAt.get(connectionId)?.get(token);
  }

  /** When a packet of it was last sent there. {@link look} first. */
  sentAt(connectionId: number, token: number): number | undefined {
    return this.#sentAt.get(connectionId)?.get(token);
  }

  /** Takes in what was sent since the last look. */
  look(): void {
    const { sent } = this.#simulator;
    for (let index = firstAfter(sent, this.#lastSequence); index < sent.length; index++) {
      const { connectionId, instrumentToken, at } = sent[index]!;
      inner(this.#sentAt, connectionId).set(instrumentToken, at - this.#beganAt);
    }
    this.#lastSequence = sent.at(-1)?.sequence ?? this.#lastSequence;
  }
}

function inner(outer: Map<number, Map<number, number>>, key: number): Map<number, number> {
  let map = outer.get(key);
  if (!map) outer.set(key, (map = new Map<number, number>()));
  return map;
}

function firstAfter(sent: readonly SentTick[], sequence: number): number {
  const first = sent[0]?.sequence ?? 0;
  return Math.max(0, sequence + 1 - first);
}
