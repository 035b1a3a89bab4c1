import type { ChannelId } from '@kite/connection';

import type { Outage } from './connection-parts.js';

/** Hears what the connections of an account stream, and since when they do not. */
export interface StreamWatcher {
  /** The connection streams these from now on. What is subscribed or moved there later is not told: its first packet tells. */
  streams(channelId: ChannelId, tokens: Iterable<number>): void;
  /**
   * The connection streams these no longer, or another one holds them now.
   *
   * @param isSilent its socket is open, and may go on
   */
  stops(channelId: ChannelId, tokens: Iterable<number>, outage: Outage, isSilent: boolean): void;
}
