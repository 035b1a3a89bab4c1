import { simulateDay, type SimulateDayOptions } from '@kite/simulator';

import { VirtualClient } from './virtual-client.js';

/** Ten minutes of a client that comes back whenever its socket has ended, as a hash. */
export async function dayHash(options: SimulateDayOptions): Promise<string> {
  await using day = simulateDay({ instruments: 40, from: '09:14', to: '09:24', ...options });
  const tokens = day.simulator.instruments.map(({ instrumentToken }) => instrumentToken);
  const dial = () => {
    const client = new VirtualClient(day);
    client.onTold = ({ what }) => {
      if (what === 'opened') client.subscribe(tokens, 'full');
      if (what === 'ended') day.options.clock.setTimeout(dial, 1000 * day.options.random());
      client.told.length = 0;
    };
  };
  dial();
  await day.runUntil('09:24');
  return day.trace.hash;
}
