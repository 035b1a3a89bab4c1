import type { Gap, Tick } from '@kite/protocol';

import type { ChannelId } from '../feed/channel-id.js';

/** The newest tick of each instrument that one connection has brought, to be handed over at once. */
export interface Batch {
  channelId: ChannelId;
  ticks: Map<number, Tick>;
  /** Of the newest, Unix milliseconds. */
  receivedAt: number;
  /** Ticks that newer ones have replaced. */
  replaced: number;
  /** Nothing was received in this time, before these. */
  gap?: Gap;
}

/** Whether an older batch had a tick of the same instrument. Of another connection in another mode it is another stream. */
export function takeOut({ instrumentToken, mode }: Tick, older: Batch, newer: Batch): boolean {
  const tick = older.ticks.get(instrumentToken);
  if (!tick || (older.channelId !== newer.channelId && tick.mode !== mode)) return false;
  return older.ticks.delete(instrumentToken);
}
