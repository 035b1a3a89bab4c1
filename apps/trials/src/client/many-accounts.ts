import { type AccessToken, type ManagerConfig, MultiApiKiteTickerManager } from '@kite/multi-api';

import { optionsOf, readingOf } from './channel-reading.js';
import { accountId, type Client, placedConnections, type Said } from './client.js';
import { itemOfMessage, tickOf } from './items.js';
import { LISTENED, ListenerReading } from './listener-reading.js';
import { subscriberClient } from './subscriber-client.js';

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
  let told: Said['told'];
  manager.on('health', ({ status, reasons }) => (told = { status, reasons }));
  return {
    start: () => manager.start(),
    stop: () => {
      told = undefined;
      return manager.stop();
    },
    subscribe: (tokens, mode) => manager.subscribeSymbols(tokens, mode),
    unsubscribe: (tokens) => manager.unsubscribeSymbols(tokens),
    changeMode: (tokens, mode) => manager.changeMode(tokens, mode),
    pin: (account, tokens, mode) => manager.subscribeSymbolsToApi(accountId(account), tokens, mode),
    updateToken: (account, accessToken) => manager.updateCredentials(accountId(account), { accessToken }),
    open(consumer) {
      const { kind, of } = consumer;
      const options = optionsOf(consumer);
      switch (kind) {
        case 'connection': {
          const id = accountId(of!.account);
          const channel = manager.getChannel(id, of!.channelId, options)!;
          return readingOf(channel, (message) => [itemOfMessage(message, id)]);
        }
        case 'listener':
          return new ListenerReading((tell) =>
            LISTENED.map((type) =>
              manager.on(type, (message) => {
                tell(itemOfMessage(message, message.apiKeyId!));
              }),
            ),
          );
        default:
          return readingOf(manager.getUnifiedChannel(options), ({ apiKeyId, message }) => [
            itemOfMessage(message, apiKeyId),
          ]);
      }
    },
    subscriber: (name, exact) =>
      subscriberClient(manager.subscriber({ name, exact }), (message) =>
        itemOfMessage(message, message.apiKeyId!),
      ),
    lastTick: (token) => tickOf(manager.getLastTick(token)),
    placement: () => {
      const distribution = manager.getSymbolDistribution();
      return manager
        .getApiKeys()
        .flatMap((id) => placedConnections(id, manager.getApiStats(id).connectionStats, distribution[id]!));
    },
    said: () => {
      const health = manager.getHealth();
      const stats = manager.getStats();
      return {
        ...health,
        subscriptions: manager.subscriptions,
        darkSymbols: (health as { darkSymbols?: number }).darkSymbols,
        unplaced: undefined,
        told,
        toldUnplaced: undefined,
        counts: stats.perApiStats.flatMap(({ connectionStats }) => connectionStats),
        silentFor: () => undefined,
        shown: [health, stats, manager.toJSON()],
      };
    },
  };
}
