import type { ChannelId } from '@kite/connection';
import type { TickerMessage } from '@kite/protocol';

import type { SourceTag } from '../parts.js';

/** A message with the account that it came from. */
export interface AccountMessage {
  /** The account's id. */
  apiKeyId: string;
  /** What one of its connections has to say. */
  message: TickerMessage;
}

/** An account as channels know it. */
export interface AccountSources {
  readonly apiKeyId: string;
  /** By connection, what stands for it in channels. */
  readonly sources: readonly SourceTag[];
  /** A channel has lost so much of what one of its connections brought. */
  countDropped(channelId: ChannelId, weight: number, isFirst: boolean): void;
}
