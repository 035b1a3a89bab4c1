import { KiteTicker, type TickerMessage, type TickerOptions, type TickerState } from '@kite/connection';
import { ACCESS_TOKEN, API_KEY, settled, VirtualClock } from '@kite/testkit';

import { type FakeSocket, FakeTransport } from './fake-transport.js';

/** Every count of connections is of one key for the whole process: what a test opens it closes. */
export interface TickerBench extends AsyncDisposable {
  readonly ticker: KiteTicker;
  readonly clock: VirtualClock;
  readonly transport: FakeTransport;
  /** Everything that it said, in order. */
  readonly messages: TickerMessage[];
  /** The states that it went through. */
  readonly states: TickerState[];
  /** Connects, whatever comes of it. */
  begin(): void;
  /** Connects and opens. */
  open(): Promise<FakeSocket>;
  /** After the open connection was lost: waits out the longest delay and opens the next one. */
  reopen(): Promise<FakeSocket>;
}

/** A ticker whose time, chance and peers are the test's. Chance gives 0: every delay is the shortest. */
export function bench(options: Partial<TickerOptions> = {}): TickerBench {
  const clock = new VirtualClock();
  const transport = new FakeTransport();
  const ticker = new KiteTicker({
    ...{ apiKey: API_KEY, accessToken: ACCESS_TOKEN, clock, transport, random: () => 0 },
    ...options,
  });
  const messages: TickerMessage[] = [];
  const states: TickerState[] = [];
  const others = [
    'order',
    'error',
    'message',
    'gap',
    'instruments-meta',
    'lagged',
    'issue',
    'unknown',
  ] as const;
  for (const type of others) {
    ticker.on(type, (message) => messages.push(message));
  }
  ticker.on('state', (message) => {
    messages.push(message);
    states.push(message.state);
  });
  return {
    ...{ ticker, clock, transport, messages, states },
    begin() {
      ticker.connect().catch(() => undefined);
    },
    async open() {
      const connected = ticker.connect();
      await settled();
      transport.last.open();
      await connected;
      return transport.last;
    },
    async reopen() {
      const before = transport.sockets.length;
      await clock.advance(30_000);
      if (transport.sockets.length === before) throw new Error('nothing was dialled');
      transport.last.open();
      return transport.last;
    },
    async [Symbol.asyncDispose]() {
      const closed = ticker.close();
      await clock.advance(2000);
      await closed;
    },
  };
}
