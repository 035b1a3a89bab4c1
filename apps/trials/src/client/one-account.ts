import { type AccessToken, KiteTickerManager, type ManagerConfig } from '@kite/manager';

import { accountId, type Client, placedConnections } from './client.js';
import { HandedTicks, itemsOfBatch, itemsOfMessage } from './items.js';

/** One account: a `KiteTickerManager`. */
export function oneAccount(config: ManagerConfig, apiKey: string, accessToken: AccessToken): Client {
  const account = accountId(0);
  const manager = new KiteTickerManager({ ...config, apiKey, accessToken });
  const handed = new HandedTicks();
  return {
    start: () => manager.start({ keepTrying: true }),
    stop: () => manager.stop(),
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
            return batch && itemsOfBatch(batch, account, handed);
          },
          close: () => channel.close(),
        };
      }
      const channel = manager.getUnifiedChannel(options as object);
      return {
        next: async () => {
          const message = await channel.recv();
          return message && itemsOfMessage(message, account, handed);
        },
        close: () => channel.close(),
      };
    },
    lastTick: (token) => manager.getLastTick(token),
    placement: () =>
      placedConnections(account, manager.getStats().connectionStats, manager.getSymbolDistribution()),
    facts: () => {
      const health = manager.getHealth();
      return {
        subscriptions: manager.subscriptions,
        unplaced: manager.getUnplacedSymbols().length,
        status: health.status,
        shown: [health, manager.getStats(), manager.toJSON()],
      };
    },
  };
}
