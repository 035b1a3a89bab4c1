import { decodeFrame, type RawFrame, type Tick, type TickBatch, type TickerMessage } from '@kite/protocol';

import type { Item, Origin } from './client.js';

/** A message as the oracle reads it. */
export function itemOfMessage(message: TickerMessage, account: string): Item {
  const { channelId, receivedAt } = message;
  const from: Origin = { account, channelId };
  switch (message.type) {
    case 'ticks':
      return { type: 'ticks', ticks: message.ticks, receivedAt, from };
    case 'gap':
      return { type: 'gap', gap: message, from };
    case 'lagged':
      return { type: 'dropped', count: message.dropped, from };
    case 'order':
      return { type: 'order', order: message.order, receivedAt, from };
    case 'state':
      return {
        type: 'state',
        state: message.state,
        code: message.error?.code,
        receivedAt,
        value: message,
        from,
      };
    default:
      return { type: 'other', value: message, receivedAt, from };
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

/** The ticks of a frame as the oracle reads them. */
export function itemsOfFrame({ bytes, ...rest }: RawFrame, account: string): readonly Item[] {
  return itemsOfBatch({ ...rest, ticks: decodeFrame(bytes) }, account);
}

/** The tick inside what `getLastTick()` returns. */
export function tickOf(last: Tick | { readonly tick: Tick } | undefined): Tick | undefined {
  return last && 'tick' in last ? last.tick : last;
}
