import { KiteTickerManager, type ManagerConfig } from '@kite/manager';

import { accountId, type Client } from './client.js';
import { itemsOfBatch, itemsOfMessage } from './items.js';

/** One account: a `KiteTickerManager`. */
export function oneAccount(config: ManagerConfig, apiKey: string, accessToken: () => string): Client {
  const account = accountId(0);
  const manager = new KiteTickerManager({ ...config, apiKey, accessToken });
  return {
    start: () => manager.start({ keepTrying: true }),
    stop: () => manager.stop(),
    subscribe: (tokens, mode) => manager.subscribeSymbols(tokens, mode),
    unsubscribe: (tokens) => manager.unsubscribeSymbols(tokens),
    changeMode: (tokens, mode) => manager.changeMode(tokens, mode),
    updateToken: () => manager.updateCredentials({ accessToken }),
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
          return message && itemsOfMessage(message, account);
        },
        close: () => channel.close(),
      };
    },
    lastTick: (token) => manager.getLastTick(token),
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
