import { expect } from 'vitest';
import { KiteTicker, type TickerMessage, type TickerOptions } from '@kite/connection';
import { type Simulator, type SimulatorOptions, startSimulator } from '@kite/simulator';
import {
  ACCESS_TOKEN,
  API_KEY,
  collect,
  eventually,
  FAST_DELAYS,
  INFY,
  ofType,
  RELIANCE,
  SocketBench,
  STILL_MARKET,
} from '@kite/testkit';

/** The names of the states that a connection went through. */
export function states(messages: readonly TickerMessage[]): string[] {
  return ofType(messages, 'state').map(({ state }) => state);
}

/** A simulator and the tickers of one test. */
export class ConnectionBench extends SocketBench<Simulator, KiteTicker> {
  /** A ticker with fast delays; it has said nothing yet. */
  ticker(options: Partial<TickerOptions> = {}): KiteTicker {
    const account = { url: this.simulator.url, apiKey: API_KEY, accessToken: ACCESS_TOKEN };
    return this.keep(new KiteTicker({ ...account, ...FAST_DELAYS, ...options }));
  }

  /** An open ticker with INFY and RELIANCE, and everything that it says. */
  async open(
    options: Partial<TickerOptions> = {},
  ): Promise<{ ticker: KiteTicker; messages: TickerMessage[] }> {
    const ticker = this.ticker(options);
    const messages = collect(ticker.messages());
    await ticker.subscribe([INFY, RELIANCE]);
    await ticker.connect();
    await eventually(() => expect(ofType(messages, 'ticks')).not.toHaveLength(0));
    await this.caughtUp(ticker, messages);
    return { ticker, messages };
  }

  /**
   * Settles once `messages` holds all that the requests made so far have brought. A pong is not enough: what came before it
   * may still wait in the channel. A broadcast sent after the pong is the last to be read, and is taken out again.
   */
  async caughtUp(ticker: KiteTicker, messages: TickerMessage[]): Promise<void> {
    await ticker.ping();
    const data = 'The last one so far';
    this.simulator.broadcast(data);
    await eventually(() => expect(messages.at(-1)).toMatchObject({ type: 'message', data }));
    messages.pop();
  }

  protected override end(ticker: KiteTicker): Promise<void> {
    return ticker.close();
  }
}

/** A still market with quick heartbeats, unless told otherwise. */
export async function openBench(options: SimulatorOptions = {}): Promise<ConnectionBench> {
  return new ConnectionBench(await startSimulator({ ...STILL_MARKET, ...options }));
}
