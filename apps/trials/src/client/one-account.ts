import { type AccessToken, KiteTickerManager, type ManagerConfig } from '@kite/manager';

import { accountId, type Client, placedConnections } from './client.js';
import { itemOfMessage, itemsOfBatch, tickOf } from './items.js';

/** One account: a `KiteTickerManager`. */
export function oneAccount(config: ManagerConfig, apiKey: string, accessToken: AccessToken): Client {
  const account = accountId(0);
  const manager = new KiteTickerManager({ ...config, apiKey, accessToken });
  let toldStatus: string | undefined;
  manager.on('health', ({ status }) => (toldStatus = status));
  return {
    start: () => manager.start({ keepTrying: true }),
    stop: () => {
      toldStatus = undefined;
      return manager.stop();
    },
    subscribe: (tokens, mode) => manager.subscribeSymbols(tokens, mode),
    unsubscribe: (tokens) => manager.unsubscribeSymbols(tokens),
    changeMode: (tokens, mode) => manager.changeMode(tokens, mode),
    updateToken: (_, newToken) => manager.updateCredentials({ accessToken: newToken }),
    open({ kind, overflow, capacity, throttleMs }) {
      const options = { overflow, capacity, throttleMs };
      if (kind === 'ticks') {
        const channel = manager.ticks(options as object);
        return {
          next: async () => {
            const batch = await channel.recv();
            return batch && itemsOfBatch(batch, account);
          },
          close: () => channel.close(),
        };
      }
      const channel = manager.getUnifiedChannel(options as object);
      return {
        next: async () => {
          const message = await channel.recv();
          return message && [itemOfMessage(message, account)];
        },
        close: () => channel.close(),
      };
    },
    lastTick: (token) => tickOf(manager.getLastTick(token)),
    placement: () =>
      placedConnections(account, manager.getStats().connectionStats, manager.getSymbolDistribution()),
    said: () => {
      const health = manager.getHealth();
      return {
        ...health,
        subscriptions: manager.subscriptions,
        darkSymbols: (health as { darkSymbols?: number }).darkSymbols,
        unplaced: manager.getUnplacedSymbols().length,
        toldStatus,
        silentFor: (ms) => manager.getSilentSymbols(ms),
        shown: [health, manager.getStats(), manager.toJSON()],
      };
    },
  };
}
