import assert from 'node:assert/strict';
import { simulateDay } from '@kite/simulator';
import type { FuzzTarget } from '@kite/testkit';

import { runCommand } from '../../src/cli/commands.js';
import { parseWhen } from '../../src/cli/duration.js';
import { pricesOf, scenarioOf } from '../../src/cli/play-flags.js';
import { wordsOf } from '../../src/cli/words.js';

const INFY = { instrumentToken: 408065, tradingsymbol: 'INFY' };

/** What is typed while the simulator runs, and the values of its flags: an answer in words, and no error but the flags' own. */
export const target: FuzzTarget = {
  seeds: [
    'drop 1',
    'close 1001 bye all',
    'burst 10 key',
    'corrupt 0.5',
    'lag 1.5s',
    'refuse 2 429 key',
    'slow-handshake never',
    'set-token key token',
    'expire-instruments 408065,5633',
    'pause',
    'resume',
    'price 408065 1573.15,1574 100ms',
    'scenario circuit 408065 1s',
    'order all COMPLETE quantity=10',
    'broadcast halt',
    'rate 100',
    'instruments infy',
    'connections',
    'help',
    'every:5s',
    '408065:1573.15,1574',
    'auction:408065',
  ].map((text) => Buffer.from(text)),
  words: ['__proto__', 'constructor', 'Infinity', 'NaN', '1e400', '-1', '0', '=', ',', ':', 'all', ' ', 'h'],
  maxLength: 200,
  async run(input) {
    const line = Buffer.from(input).toString();
    for (const read of [parseWhen, pricesOf, scenarioOf]) {
      try {
        read(line);
      } catch (error) {
        assert.equal((error as { code?: unknown }).code, 'commander.invalidArgument', error as Error);
      }
    }
    const words = wordsOf(line);
    if (!words) return;
    await using day = simulateDay({ instruments: [INFY] });
    const { ok, text } = await runCommand(day.simulator, words);
    assert.equal(typeof ok, 'boolean');
    assert.ok(text.length > 0, 'an answer without a word');
  },
};
