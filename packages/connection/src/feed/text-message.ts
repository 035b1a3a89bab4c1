import type { TextMessage, TickerMessage } from '@kite/protocol';

import type { ChannelId } from './channel-id.js';

/** What a text of the server is in the stream. */
export function messageOf(text: TextMessage, channelId: ChannelId, receivedAt: number): TickerMessage {
  return text.type === 'app-code'
    ? { channelId, receivedAt, type: 'unknown', data: text }
    : { channelId, receivedAt, ...text };
}
