import { type AccessToken, KiteTickerManager, type ManagerConfig, type TickerMessage } from '@kite/manager';

import { optionsOf, readingOf } from './channel-reading.js';
import { accountId, type Client, type Item, placedConnections, type Said } from './client.js';
import { itemOfMessage, itemsOfBatch, itemsOfFrame, tickOf } from './items.js';
import { LISTENED, ListenerReading } from './listener-reading.js';
import { subscriberClient } from './subscriber-client.js';

/** One account: a `KiteTickerManager`. */
export function oneAccount(config: ManagerConfig, apiKey: string, accessToken: AccessToken): Client {
  const account = accountId(0);
  const manager = new KiteTickerManager({ ...config, apiKey, accessToken });
  const itemsOf = (message: TickerMessage): readonly Item[] => [itemOfMessage(message, account)];
  let told: Said['told'];
  manager.on('health', ({ status, reasons }) => (told = { status, reasons }));
  let toldUnplaced: number | undefined;
  manager.on('unplaced', ({ length }) => (toldUnplaced = length));
  return {
    start: () => manager.start({ keepTrying: true }),
    stop: () => {
      told = undefined;
      return manager.stop();
    },
    subscribe: (tokens, mode) => manager.subscribeSymbols(tokens, mode),
    unsubscribe: (tokens) => manager.unsubscribeSymbols(tokens),
    changeMode: (tokens, mode) => manager.changeMode(tokens, mode),
    updateToken: (_, newToken) => manager.updateCredentials({ accessToken: newToken }),
    open(consumer) {
      const { kind, of } = consumer;
      const options = optionsOf(consumer);
      switch (kind) {
        case 'messages':
          return readingOf(manager.getUnifiedChannel(options), itemsOf);
        case 'ticks':
          return readingOf(manager.ticks(options), (batch) => itemsOfBatch(batch, account));
        case 'connection':
          return readingOf(manager.getChannel(of!.channelId, options)!, itemsOf);
        case 'frames': {
          const frames = manager.getRawFrameChannel(of!.channelId, { capacity: consumer.capacity! });
          return readingOf(frames!, (frame) => itemsOfFrame(frame, account));
        }
        case 'listener':
          return new ListenerReading((tell) =>
            LISTENED.map((type) =>
              manager.on(type, (message) => {
                tell(itemOfMessage(message, account));
              }),
            ),
          );
      }
    },
    subscriber: (name, exact) =>
      subscriberClient(manager.subscriber({ name, exact }), (message) => itemOfMessage(message, account)),
    lastTick: (token) => tickOf(manager.getLastTick(token)),
    placement: () =>
      placedConnections(account, manager.getStats().connectionStats, manager.getSymbolDistribution()),
    said: () => {
      const health = manager.getHealth();
      const stats = manager.getStats();
      return {
        ...health,
        subscriptions: manager.subscriptions,
        darkSymbols: (health as { darkSymbols?: number }).darkSymbols,
        unplaced: manager.getUnplacedSymbols().length,
        told,
        toldUnplaced,
        counts: stats.connectionStats,
        silentFor: (ms) => manager.getSilentSymbols(ms),
        shown: [health, stats, manager.toJSON()],
      };
    },
  };
}
