import type { Channel, KiteError, TickBatch, TickerMessage } from '@kite/connection';
import type { FrameIssue, Gap } from '@kite/protocol';
import { INFY, ltpFrame, VirtualClock } from '@kite/testkit';

import type { OutletConfig } from '../../src/channel/channel-options.js';
import { joined, Outlets } from '../../src/channel/outlets.js';
import { Hub } from '../../src/feed/hub.js';

/** What a reader gets of a batch, in short. */
export interface BriefBatch {
  prices: number[];
  dropped: number;
  gap?: Gap;
}

/** The hubs of so many connections, and channels over all of them, on a clock of its own. */
export class ChannelBench {
  readonly clock = new VirtualClock();
  readonly hubs: readonly Hub[];
  readonly outlets: Outlets;

  constructor(connections: 1 | 2 | 3 = 1, config: Partial<OutletConfig> = {}) {
    const ids = ([0, 1, 2] as const).slice(0, connections);
    this.hubs = ids.map((channelId) => new Hub({ channelId, clock: this.clock }));
    this.outlets = new Outlets(joined(this.hubs), {
      clock: this.clock,
      rawOnly: false,
      divisors: {},
      parserBufferSize: 10_000,
      connectionBufferSize: 5000,
      capacityTicks: 100_000,
      capacityBytes: 64 * 1024 * 1024,
      ...config,
    });
  }

  /** A frame with a tick of each of these instruments, the same price for all. */
  tick(lastPrice: number, tokens: readonly number[] = [INFY], connection = 0): void {
    this.hubs[connection]!.frame(ltpFrame([...tokens], lastPrice), this.clock.now());
  }

  order(id: string, connection = 0): void {
    this.#text({ type: 'order', data: { order_id: id, status: 'OPEN' } }, connection);
  }

  /** What only informs: a broadcast. */
  broadcast(data: string, connection = 0): void {
    this.#text({ type: 'message', data }, connection);
  }

  gap(from: number, to: number, connection = 0, instrumentTokens?: readonly number[]): void {
    this.hubs[connection]!.missed({
      from,
      to,
      reason: 'lost',
      ...(instrumentTokens && { instrumentTokens }),
    });
  }

  state(connection = 0): void {
    this.hubs[connection]!.state('waiting', this.clock.now(), undefined);
  }

  issue(issue: FrameIssue | KiteError, connection = 0): void {
    this.hubs[connection]!.issue(issue);
  }

  end(error?: KiteError): void {
    for (const hub of this.hubs) hub.ending()(error);
  }

  #text(message: object, connection: number): void {
    this.hubs[connection]!.text(JSON.stringify(message), this.clock.now());
  }
}

/** A message in short. */
export function brief(message: TickerMessage): string {
  switch (message.type) {
    case 'ticks':
      return message.ticks.map(({ lastPrice }) => lastPrice).join('+');
    case 'lagged':
      return `lagged ${message.dropped}`;
    case 'order':
      return `order ${message.order.order_id}`;
    case 'gap':
      return `gap ${message.from}-${message.to}`;
    default:
      return message.type;
  }
}

/** All that can be read without waiting. */
export function drain<Item>(channel: Channel<Item>): Item[] {
  const read: Item[] = [];
  for (let item = channel.tryRecv(); item !== undefined; item = channel.tryRecv()) read.push(item);
  return read;
}

/** The same in short; from several connections with the number of each. */
export function drainBrief(channel: Channel<TickerMessage>): string[] {
  return drain(channel).map(brief);
}

/** The same of a channel of ticks. */
export function drainBatches(channel: Channel<TickBatch>): BriefBatch[] {
  return drain(channel).map(({ ticks, dropped, gap }) => ({
    prices: ticks.map(({ lastPrice }) => lastPrice),
    dropped,
    ...(gap && { gap }),
  }));
}
