import type { TickerMessage } from '@kite/protocol';

import type { ChannelId } from '../feed/channel-id.js';
import type { LaggedMessage } from '../feed/message.js';
import type { Backlog } from './backlog.js';

/**
 * A backlog whose losses stand in it as messages: `lagged`, right before the first message after what was lost, or once
 * everything before it has been read.
 */
export class LagMarks implements Backlog<TickerMessage> {
  readonly #backlog: Backlog<TickerMessage>;
  readonly #capacity: number;
  /** Taken from the backlog, but the mark of what was lost before it goes first. */
  #held: TickerMessage | undefined;
  /** Of the newest data, taken in or refused. */
  #channelId: ChannelId = 0;
  #receivedAt = 0;
  readonly lostBefore = 0;

  constructor(backlog: Backlog<TickerMessage>, capacity: number) {
    this.#backlog = backlog;
    this.#capacity = capacity;
  }

  /** What is held while its mark is read has its place taken by then. */
  get size(): number {
    return Math.min(this.#capacity, this.#backlog.size + (this.#held ? 1 : 0));
  }

  push(message: TickerMessage): boolean {
    this.#channelId = message.channelId;
    this.#receivedAt = message.receivedAt;
    return this.#backlog.push(message);
  }

  pushControl(message: TickerMessage): boolean {
    return this.#backlog.pushControl(message);
  }

  pushMinor(message: TickerMessage): boolean {
    return this.#backlog.pushMinor(message);
  }

  lose(weight: number): void {
    this.#backlog.lose(weight);
  }

  takeLostAtTail(): number {
    return this.#backlog.takeLostAtTail();
  }

  shift(): TickerMessage | undefined {
    const held = this.#held;
    this.#held = undefined;
    if (held) return held;
    const message = this.#backlog.shift();
    if (message === undefined) {
      const lost = this.#backlog.takeLostAtTail();
      return lost === 0 ? undefined : lagged(lost, this.#channelId, this.#receivedAt);
    }
    const dropped = this.#backlog.lostBefore;
    if (dropped === 0) return message;
    this.#held = message;
    return lagged(dropped, message.channelId, message.receivedAt);
  }

  flush(): void {
    this.#backlog.flush();
  }

  clear(): void {
    this.#held = undefined;
    this.#backlog.clear();
  }
}

function lagged(dropped: number, channelId: ChannelId, receivedAt: number): LaggedMessage {
  return { type: 'lagged', dropped, channelId, receivedAt };
}
