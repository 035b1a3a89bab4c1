import { type AccessToken, type ManagerConfig, type Mode, MultiApiKiteTickerManager } from '@kite/multi-api';

import { accountId, type Client, placedConnections } from './client.js';
import { itemOfMessage, tickOf } from './items.js';

/** Several accounts: a `MultiApiKiteTickerManager`. */
export function manyAccounts(
  config: ManagerConfig,
  accounts: readonly { readonly apiKey: string; readonly accessToken: AccessToken }[],
  replicas: number,
): Client {
  const manager = new MultiApiKiteTickerManager({
    ...config,
    replicas,
    accounts: accounts.map((account, index) => ({ id: accountId(index), ...account })),
  });
  // What was asked for: the manager of many accounts does not tell it.
  const wanted = new Map<number, Mode>();
  let toldStatus: string | undefined;
  manager.on('health', ({ status }) => (toldStatus = status));
  return {
    start: () => manager.start(),
    stop: () => {
      toldStatus = undefined;
      return manager.stop();
    },
    subscribe: async (tokens, mode) => {
      await manager.subscribeSymbols(tokens, mode);
      for (const token of tokens) wanted.set(token, mode);
    },
    unsubscribe: async (tokens) => {
      await manager.unsubscribeSymbols(tokens);
      for (const token of tokens) wanted.delete(token);
    },
    changeMode: async (tokens, mode) => {
      await manager.changeMode(tokens, mode);
      for (const token of tokens) wanted.set(token, mode);
    },
    updateToken: (account, accessToken) => manager.updateCredentials(accountId(account), { accessToken }),
    open({ overflow, capacity, throttleMs }) {
      const channel = manager.getUnifiedChannel({ overflow, capacity, throttleMs } as object);
      return {
        next: async () => {
          const item = await channel.recv();
          return item && [itemOfMessage(item.message, item.apiKeyId)];
        },
        close: () => channel.close(),
      };
    },
    lastTick: (token) => tickOf(manager.getLastTick(token)),
    placement: () => {
      const distribution = manager.getSymbolDistribution();
      return manager
        .getApiKeys()
        .flatMap((id) => placedConnections(id, manager.getApiStats(id).connectionStats, distribution[id]!));
    },
    said: () => {
      const health = manager.getHealth();
      return {
        ...health,
        subscriptions: wanted,
        darkSymbols: (health as { darkSymbols?: number }).darkSymbols,
        unplaced: undefined,
        toldStatus,
        silentFor: () => undefined,
        shown: [health, manager.getStats(), manager.toJSON()],
      };
    },
  };
}
