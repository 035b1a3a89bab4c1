/** A simulator in a process of its own, obedient to {@link RemoteSimulator}: it goes on while the test's thread is blocked. */
import { type Simulator, type SimulatorOptions, startSimulator } from '@kite/simulator';
import { requestsOf } from '@kite/testkit';

import type { Done, Order, ServerReport } from './remote-simulator.js';

const API_KEY_OF_ORDERS = 'key';

let simulator: Simulator | undefined;
const opened: ServerReport['opened'] = [];
const closed: ServerReport['closed'] = [];
const texts: string[] = [];
const snapshots: ServerReport['snapshots'] = [];

async function start(options: SimulatorOptions): Promise<string> {
  simulator = await startSimulator({ ...options, recordSent: 2_000_000 });
  simulator.on('open', ({ connection }) => opened.push({ id: connection.id, at: Date.now() }));
  simulator.on('close', ({ connection }) => closed.push({ id: connection.id, at: Date.now() }));
  return simulator.url;
}

function obey(server: Simulator, order: Order): void {
  switch (order.type) {
    case 'drop':
      server.drop();
      break;
    case 'rate':
      server.setTicksPerSecond(order.ticksPerSecond);
      break;
    case 'burst':
      server.burst(order.ticks);
      break;
    case 'order':
      texts.push(server.postOrder(API_KEY_OF_ORDERS, { tag: `${texts.length}` }).tag ?? '');
      break;
    case 'schedule':
      for (const { afterMs, order: later } of order.orders) setTimeout(() => obey(server, later), afterMs);
      break;
    case 'snapshot':
      snapshots.push(...server.connections.map(({ id, counters }) => ({ id, at: Date.now(), ...counters })));
      break;
  }
}

function report(server: Simulator): ServerReport {
  const newest: Record<number, string> = {};
  for (const { instrumentToken, packet } of server.sent)
    newest[instrumentToken] = Buffer.from(packet).toString('hex');
  return {
    opened,
    closed,
    orders: texts,
    snapshots,
    newest,
    connections: server.connections.map(({ id, counters, book, requests }) => ({
      id,
      counters: { ...counters },
      book: [...book],
      requests: requestsOf({ requests }),
    })),
  };
}

process.on(
  'message',
  (message: { id: number } & (Order | { type: 'start'; options: SimulatorOptions } | { type: 'report' })) => {
    const answer = (result: Done['result']): void => void process.send?.({ id: message.id, result });
    if (message.type === 'start') {
      void start(message.options).then(answer);
      return;
    }
    if (!simulator) return;
    const server = simulator;
    if (message.type === 'report') answer(report(server));
    else {
      obey(server, message);
      answer(undefined);
    }
  },
);
process.on('disconnect', () => process.exit());
