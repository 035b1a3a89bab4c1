/** Two strategies on one feed, each with its own instruments and modes: neither affects the other. */
import { KiteTickerManager, Mode, type Subscriber } from '@kite/manager';

import { example } from './kit/example.js';
import { count } from './kit/format.js';

/** Counts its subscriber's ticks. */
class Strategy {
  readonly #subscriber: Subscriber;
  #ticks = 0;
  readonly #modes = new Set<Mode>();

  constructor(subscriber: Subscriber) {
    this.#subscriber = subscriber;
    subscriber.on('ticks', ({ ticks }) => {
      this.#ticks += ticks.length;
      for (const { mode } of ticks) this.#modes.add(mode);
    });
  }

  /** What it has received since the last call. */
  describe(): string {
    const { name, subscriptions } = this.#subscriber;
    const what = `${subscriptions.size} instruments, ${count(this.#ticks)} ticks (${[...this.#modes].join(', ') || 'none'})`;
    this.#ticks = 0;
    this.#modes.clear();
    return `${name.padEnd(6)} ${what}`;
  }
}

await example(
  async ({ connection, tokens, onEnd, sleep, signal }) => {
    await using manager = new KiteTickerManager({ ...connection, maxConnections: 1 });
    onEnd(() => manager.stop());
    await manager.start();

    const common = tokens.slice(0, 10);
    const pairs = manager.subscriber('pairs');
    const alerts = manager.subscriber('alerts', { exact: true });
    const strategies = [new Strategy(pairs), new Strategy(alerts)];
    await pairs.subscribeSymbols(common, Mode.Full);
    await alerts.subscribeSymbols(tokens, Mode.LTP);

    const show = async (what: string): Promise<void> => {
      await sleep(2000);
      if (signal.aborted) return;
      const modes = [...manager.subscriptions.values()];
      const full = modes.filter((mode) => mode === Mode.Full).length;
      console.log(`${what}: ${modes.length} instruments are streamed, ${full} of them in full`);
      for (const strategy of strategies) console.log(`  ${strategy.describe()}`);
    };

    await show('both run');
    await alerts.unsubscribeSymbols(common);
    await show('alerts has dropped what both want');
    await alerts.subscribeSymbols(common, Mode.LTP);
    await pairs.close();
    await show('pairs has ended');
  },
  { instruments: 50 },
);
