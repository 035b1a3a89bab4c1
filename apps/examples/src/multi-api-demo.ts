/**
 * Two accounts as one feed, with each instrument on both. Take an account down with a key, and bring it back: the feed
 * continues without a missing tick, and without a duplicate.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type AccountOptions, MULTI_API_ERRORS, MultiApiKiteTickerManager } from '@kite/multi-api';
import type { Simulator } from '@kite/simulator';

import { example } from './kit/example.js';
import { count } from './kit/format.js';
import { listenToKeys } from './multi-api-demo/keys.js';

const SECOND = 1000;

/** The account to take down. */
const VICTIM = { id: 'account2', apiKey: 'simulated-2', accessToken: 'simulated' } as const;

await example(
  async ({ connection: { url, ...first }, instruments, tokens, simulator, signal, onEnd, sleep }) => {
    const accounts: AccountOptions[] = [{ id: 'account1', ...first }, ...(simulator ? [VICTIM] : [])];
    await using manager = new MultiApiKiteTickerManager({
      accounts,
      instruments,
      replicas: 2,
      reconnectDelayMs: SECOND / 2,
      maxReconnectDelayMs: SECOND,
      ...(url !== undefined && { url }),
    });
    onEnd(() => manager.stop());

    manager.on('gap', ({ apiKeyId, channelId, from, to }) => {
      console.log(`${apiKeyId}, connection ${channelId + 1}: nothing came for ${to - from} ms`);
    });
    let delivered = 0;
    manager.on('ticks', ({ ticks }) => {
      delivered += ticks.length;
    });
    await manager.start();
    manager.on('health', ({ status, reasons }) => {
      console.log(`health: ${[status, ...reasons].join('\n  ')}`);
    });
    await manager.subscribeSymbols(tokens);
    console.log(
      `${tokens.length} instruments, each on ${accounts.length === 1 ? 'one account' : 'both accounts'}`,
    );

    manager.on('state', ({ apiKeyId, state }) => {
      if (apiKeyId !== VICTIM.id || state !== 'open') return;
      const { activeConnections, connectionStats } = manager.getApiStats(apiKeyId);
      if (activeConnections === connectionStats.length) console.log(`${apiKeyId} is back`);
    });

    const toggle = simulator && switchFor(simulator);
    using keys = toggle && listenToKeys((name) => name === 'k' && toggle());
    if (keys) console.log(`k kills ${VICTIM.id}, and revives it; q quits`);
    // Without a keyboard, it goes down and comes back by itself.
    else if (toggle) void every(4 * SECOND, toggle, signal);

    let before = { delivered, brought: new Map<string, number>() };
    for (;;) {
      await sleep(SECOND);
      const { perApiStats } = manager.getStats();
      const brought = new Map(
        perApiStats.map(({ apiKeyId, connectionStats }) => [
          apiKeyId,
          connectionStats.reduce((total, { ticksReceived }) => total + ticksReceived, 0),
        ]),
      );
      const parts = perApiStats.map(({ apiKeyId, activeConnections }) => {
        const ticks = brought.get(apiKeyId)! - (before.brought.get(apiKeyId) ?? 0);
        return `${apiKeyId} ${activeConnections}/3 open, brought ${count(ticks)}`;
      });
      console.log(`${parts.join(' · ')} · delivered ${count(delivered - before.delivered)}`);
      before = { delivered, brought };
    }
  },
  { instruments: 20, cures: MULTI_API_ERRORS },
);

/** Takes the account down; the next call brings it back. */
function switchFor(simulator: Simulator): () => void {
  let isDown = false;
  return () => {
    isDown = !isDown;
    console.log(isDown ? `${VICTIM.id} is killed` : `${VICTIM.id} may come back`);
    if (!isDown) {
      simulator.heal();
      return;
    }
    simulator.refuse(Infinity, 503, VICTIM.apiKey);
    simulator.drop(VICTIM.apiKey);
  };
}

/** Repeats until the end. */
async function every(ms: number, act: () => void, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await delay(ms, undefined, { signal });
      act();
    }
  } catch {
    // The end, not a failure.
  }
}
