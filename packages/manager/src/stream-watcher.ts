import type { ChannelId } from '@kite/connection';
import type { EventOf } from '@kite/protocol';

import type { Outage } from './connection-parts.js';

/** Notified of what an account's connections stream, and of each outage. */
export interface StreamWatcher {
  /** The connection streams these from now on. Later additions are not reported: their first packet shows them. */
  streams(channelId: ChannelId, tokens: Iterable<number>): void;
  /**
   * The connection no longer streams these, or another one holds them now.
   *
   * @param isSilent its socket is open and may resume
   */
  stops(channelId: ChannelId, tokens: Iterable<number>, outage: Outage, isSilent: boolean): void;
  /** These still came over a connection that their instruments had left, and are not delivered. */
  straggled(message: EventOf<'ticks'>): void;
}
