import type { ChannelId } from '@kite/connection';
import type { TickerMessage } from '@kite/protocol';

import type { SourceTag } from '../parts.js';

/** A message with the account that it came from. */
export interface AccountMessage {
  /** The account's id. */
  apiKeyId: string;
  /** The message of one of its connections. */
  message: TickerMessage;
}

/** An account as channels know it. */
export interface AccountSources {
  readonly apiKeyId: string;
  /** By connection, its tag in channels. */
  readonly sources: readonly SourceTag[];
  /** A channel has lost this much of what one of its connections delivered. */
  countDropped(channelId: ChannelId, weight: number, isFirst: boolean): void;
}
