/** The server in its own process: a simulator that follows requests and reports what it sent. */
import { startSimulator } from '@kite/simulator';

import { onAccepted } from '../../run/on-accepted.js';
import type { Asked, Question, ServedConnection, ServerJob, ServerMessage } from '../server-wire.js';

/** How often it reports what it sent. */
const LOOK_EVERY_MS = 100;

/** Far more than it sends between two reports. */
const KEPT_TICKS = 300_000;

const job = JSON.parse(process.argv[2]!) as ServerJob;
const simulator = await startSimulator({ ...job, recordSent: KEPT_TICKS });
let told = 0;

onAccepted(simulator, (socket, connectionId) => {
  tell({ type: 'accepted', socket, connectionId });
});
setInterval(look, LOOK_EVERY_MS);
process.on('message', ({ number, question }: Asked) => {
  void Promise.resolve(answer(question)).then((value) => {
    tell({ type: 'answer', number, value });
  });
});
process.on('disconnect', () => process.exit());
tell({ type: 'listening', url: simulator.url });

function answer(question: Question): unknown {
  switch (question.type) {
    case 'do': {
      const { method, args } = question;
      return (simulator as unknown as Record<typeof method, (...of: typeof args) => unknown>)[method](
        ...args,
      );
    }
    case 'find': {
      const { apiKey, nth } = question.connection;
      const own = simulator.connections.filter((one) => one.apiKey === apiKey);
      return own[nth % Math.max(1, own.length)]?.id ?? null;
    }
    case 'connections':
      return simulator.connections.map(({ id, apiKey, book }): ServedConnection => ({ id, apiKey, book }));
    case 'look':
      look();
      return null;
  }
}

function look(): void {
  const { sent } = simulator;
  const first = sent[0]?.sequence ?? told + 1;
  const ticks = sent.slice(Math.max(0, told + 1 - first));
  if (ticks.length === 0) return;
  told = ticks.at(-1)!.sequence;
  tell({ type: 'sent', ticks });
}

function tell(message: ServerMessage): void {
  process.send?.(message);
}
