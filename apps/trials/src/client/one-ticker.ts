import { type AccessToken, type ConnectionConfig, KiteTicker } from '@kite/connection';
import type { TickerMessage } from '@kite/protocol';

import { optionsOf, readingOf } from './channel-reading.js';
import { accountId, type Client, type Item } from './client.js';
import { itemOfMessage, itemsOfBatch, itemsOfFrame } from './items.js';
import { LISTENED, ListenerReading } from './listener-reading.js';

/** One connection: a `KiteTicker`. It has no health of its own: what it says of it here is whether it is open. */
export function oneTicker(config: ConnectionConfig, apiKey: string, accessToken: AccessToken): Client {
  const account = accountId(0);
  const ticker = new KiteTicker({ ...config, apiKey, accessToken });
  const itemsOf = (message: TickerMessage): readonly Item[] => [itemOfMessage(message, account)];
  return {
    start: () => ticker.connect(),
    stop: () => ticker.close(),
    subscribe: (tokens, mode) => ticker.subscribe(tokens, mode),
    unsubscribe: (tokens) => ticker.unsubscribe(tokens),
    changeMode: (tokens, mode) => ticker.changeMode(tokens, mode),
    updateToken: (_, newToken) => ticker.updateCredentials({ accessToken: newToken }),
    open(consumer) {
      const options = optionsOf(consumer);
      switch (consumer.kind) {
        case 'messages':
        case 'connection':
          return readingOf(ticker.messages(options), itemsOf);
        case 'ticks':
          return readingOf(ticker.ticks(options), (batch) => itemsOfBatch(batch, account));
        case 'frames': {
          const frames = ticker.rawFrames({ capacity: consumer.capacity! });
          return readingOf(frames, (frame) => itemsOfFrame(frame, account));
        }
        case 'listener':
          return new ListenerReading((tell) =>
            LISTENED.map((type) =>
              ticker.on(type, (message) => {
                tell(itemOfMessage(message, account));
              }),
            ),
          );
      }
    },
    lastTick: () => undefined,
    placement: () => [
      { account, channelId: 0, state: ticker.state, tokens: [...ticker.subscriptions.keys()] },
    ],
    said: () => {
      const isOpen = ticker.isConnected();
      const stats = ticker.getStats();
      return {
        subscriptions: ticker.subscriptions,
        status: isOpen ? 'healthy' : 'critical',
        reasons: isOpen ? [] : ['the connection is down'],
        healthyConnections: isOpen ? 1 : 0,
        totalSymbols: ticker.subscriptions.size,
        unplacedSymbols: 0,
        darkSymbols: undefined,
        unplaced: undefined,
        told: undefined,
        toldUnplaced: undefined,
        counts: [stats],
        silentFor: () => undefined,
        shown: [stats, ticker.toJSON()],
      };
    },
  };
}
