import type { OrderUpdate } from '@kite/protocol';

import type { Simulator } from '../simulator.js';
import { SCENARIOS } from './play-flags.js';
import { durationIn, numberIn, reached, required } from './words.js';

/** A command that can be typed while the simulator runs. */
export interface Command {
  /** The arguments, for the help. With `…` after the last one there may be more of it. */
  readonly usage: string;
  readonly help: string;
  /** Returns the answer, or a promise of it; anything but text means done. */
  run(simulator: Simulator, words: readonly (string | undefined)[]): unknown;
}

/** More instruments than this are counted, not listed. */
const MOST_LISTED = 20;

/** Commands about prices, orders and instruments. */
export const MARKET_COMMANDS: Readonly<Record<string, Command>> = {
  price: {
    usage: 'TOKEN PRICE[,PRICE…] [EVERY]',
    help: 'trade an instrument at these prices, by default one every 250ms',
    run: (simulator, [token, prices, every]) => {
      const list = required(prices, 'PRICE')
        .split(',')
        .map((price) => numberIn(price, NaN));
      // Not awaited: the answer only says that it plays. From here on it cannot fail.
      void simulator.play(tokenIn(token), list, { everyMs: durationIn(every, undefined) });
      return list.length === 1 ? `${token} is ${list[0]}` : `playing ${list.length} prices of ${token}`;
    },
  },
  scenario: {
    usage: 'NAME TOKEN [EVERY]',
    help: `play ${SCENARIOS}`,
    run: (simulator, [name, token, every]) => {
      const scenario = required(name, 'NAME') as Parameters<Simulator['playScenario']>[0];
      void simulator.playScenario(scenario, tokenIn(token), { everyMs: durationIn(every, undefined) });
      return `playing ${scenario} with ${token}`;
    },
  },
  order: {
    usage: '[ACCOUNT|all] [STATUS] [FIELD=VALUE…]',
    help: 'post an order update, by default COMPLETE, to one account or to all connected ones',
    run: (simulator, [account = 'all', status, ...fields]) => {
      const connected = new Set(simulator.connections.map(({ userId }) => userId));
      const accounts = account === 'all' ? [...connected] : [account];
      if (accounts.length === 0) throw new Error('no account is connected');
      const given = { ...(status !== undefined && { status }), ...orderFields(fields) };
      return accounts.map((one) => posted(one, simulator.postOrder(one, given))).join(', ');
    },
  },
  broadcast: {
    usage: 'TEXT…',
    help: 'send a message of the broker to every client',
    run: (simulator, words) => reached(simulator.broadcast(words.join(' '))),
  },
  rate: {
    usage: '[TICKS_A_SECOND]',
    help: 'change the rate of the market; without a number: its natural pace',
    run: (simulator, [rate]) => simulator.setTicksPerSecond(numberIn(rate, undefined)),
  },
  instruments: {
    usage: '[TEXT…]',
    help: 'list instruments with this text in their symbol, name or exchange, or with this token',
    run: (simulator, words) => listed(simulator, words.join(' ').toUpperCase()),
  },
};

function tokenIn(word: string | undefined): number {
  return numberIn(required(word, 'TOKEN'), NaN);
}

/** Fields like `quantity=10`; numeric values become numbers. */
function orderFields(words: readonly (string | undefined)[]): Partial<OrderUpdate> {
  return Object.fromEntries(
    words.map((word = '') => {
      const [, field, value] = /^([a-z_]+)=(.*)$/.exec(word) ?? [];
      if (field === undefined || value === undefined) throw new Error(`${word} is no FIELD=VALUE`);
      return [field, value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value];
    }),
  );
}

function posted(account: string, order: OrderUpdate): string {
  return `order ${order.order_id} of ${account}: ${order.status} ${String(order.tradingsymbol)}`;
}

function listed(simulator: Simulator, text: string): string {
  const found = simulator.instruments.filter(
    ({ instrumentToken, tradingsymbol, name, exchange }) =>
      text === String(instrumentToken) || `${exchange}:${tradingsymbol} ${name}`.toUpperCase().includes(text),
  );
  const lines = found
    .slice(0, MOST_LISTED)
    .map((one) => `${one.instrumentToken} ${one.exchange}:${one.tradingsymbol} ${one.lastPrice}`);
  if (found.length > MOST_LISTED) lines.push(`and ${found.length - MOST_LISTED} more`);
  return lines.length === 0 ? 'none' : lines.join('\n');
}
