import type { TickBatch, TickerMessage } from '@kite/protocol';

import type { Item, Origin } from './client.js';

/** A message as the oracle reads it. */
export function itemsOfMessage(message: TickerMessage, account: string): readonly Item[] {
  const from: Origin = { account, channelId: message.channelId };
  switch (message.type) {
    case 'ticks':
      return [{ type: 'ticks', ticks: message.ticks, receivedAt: message.receivedAt, from }];
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
): readonly Item[] {
  const from: Origin = { account, channelId };
  return [
    ...(gap ? [{ type: 'gap', gap, from } as const] : []),
    ...(dropped > 0 ? [{ type: 'dropped', count: dropped, from } as const] : []),
    { type: 'ticks', ticks, receivedAt, from },
  ];
}
