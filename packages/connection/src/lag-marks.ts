import type { Backlog } from './backlog.js';
import type { TickerMessage } from './message.js';

/** A backlog whose losses stand in it as messages: `lagged`, right before the first message after what was lost. */
export class LagMarks implements Backlog<TickerMessage> {
  readonly #backlog: Backlog<TickerMessage>;
  /** Taken from the backlog, but the mark of what was lost before it goes first. */
  #held: TickerMessage | undefined;
  readonly lostBefore = 0;

  constructor(backlog: Backlog<TickerMessage>) {
    this.#backlog = backlog;
  }

  get size(): number {
    return this.#backlog.size + (this.#held ? 1 : 0);
  }

  push(message: TickerMessage): boolean {
    return this.#backlog.push(message);
  }

  pushControl(message: TickerMessage): boolean {
    return this.#backlog.pushControl(message);
  }

  lose(weight: number): void {
    this.#backlog.lose(weight);
  }

  shift(): TickerMessage | undefined {
    const held = this.#held;
    this.#held = undefined;
    if (held) return held;
    const message = this.#backlog.shift();
    const dropped = this.#backlog.lostBefore;
    if (message === undefined || dropped === 0) return message;
    this.#held = message;
    const { channelId, receivedAt } = message;
    return { type: 'lagged', dropped, channelId, receivedAt };
  }

  flush(): void {
    this.#backlog.flush();
  }

  clear(): void {
    this.#held = undefined;
    this.#backlog.clear();
  }
}
