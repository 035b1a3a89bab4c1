import { type SimulatorOptions, startSimulator } from '@kite/simulator';

import { serve } from '../harness/in-child.js';
import type { ServerView } from '../scale/server-view.js';

await serve(async (options: SimulatorOptions) => {
  const simulator = await startSimulator(options);
  let opened = 0;
  simulator.on('open', () => {
    opened++;
  });
  const view = (): ServerView => ({
    opened,
    connections: simulator.connections.length,
    requests: simulator.requests.length,
    subscribed: simulator.connections.reduce((sum, { book }) => sum + book.size, 0),
    pingsSent: simulator.connections.reduce((sum, { counters }) => sum + counters.pingsSent, 0),
    pongsReceived: simulator.connections.reduce((sum, { counters }) => sum + counters.pongsReceived, 0),
  });
  return {
    url: simulator.url,
    answer: (question: string) => {
      if (question === 'drop') simulator.drop();
      if (question === 'order') simulator.postOrder('key', { status: 'COMPLETE' });
      return view();
    },
  };
});
