import { encodePacket, type Tick, type TickBatch, type TickerMessage } from '@kite/protocol';

import { keyOf } from '../oracle/sent-states.js';
import type { HandedTick, Item, Origin } from './client.js';

/** Ticks as the oracle reads them: each one that several consumers are handed is encoded once. */
export class HandedTicks {
  readonly #known = new WeakMap<Tick, HandedTick>();

  of(ticks: readonly Tick[]): HandedTick[] {
    return ticks.map((tick) => {
      let handed = this.#known.get(tick);
      if (!handed) {
        const { instrumentToken: token, lastPrice } = tick;
        handed = { token, lastPrice, key: keyOf(encodePacket(tick)) };
        this.#known.set(tick, handed);
      }
      return handed;
    });
  }
}

/** A message as the oracle reads it. */
export function itemsOfMessage(
  message: TickerMessage,
  account: string,
  handed: HandedTicks,
): readonly Item[] {
  const from: Origin = { account, channelId: message.channelId };
  switch (message.type) {
    case 'ticks':
      return [{ type: 'ticks', ticks: handed.of(message.ticks), receivedAt: message.receivedAt, from }];
    case 'gap':
      return [{ type: 'gap', gap: message, from }];
    case 'lagged':
      return [{ type: 'dropped', count: message.dropped, from }];
    case 'order':
      return [{ type: 'order', order: message.order, from }];
    case 'state':
      return [
        {
          type: 'state',
          state: message.state,
          code: message.error?.code,
          receivedAt: message.receivedAt,
          from,
        },
        ...(message.error ? [{ type: 'other', value: message.error, from } as const] : []),
      ];
    default:
      return [{ type: 'other', value: message, from }];
  }
}

/** A batch of ticks as the oracle reads it: what stands on it comes before its ticks. */
export function itemsOfBatch(
  { ticks, dropped, gap, channelId, receivedAt }: TickBatch,
  account: string,
  handed: HandedTicks,
): readonly Item[] {
  const from: Origin = { account, channelId };
  return [
    ...(gap ? [{ type: 'gap', gap, from } as const] : []),
    ...(dropped > 0 ? [{ type: 'dropped', count: dropped, from } as const] : []),
    { type: 'ticks', ticks: handed.of(ticks), receivedAt, from },
  ];
}
