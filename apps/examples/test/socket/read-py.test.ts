import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { KiteTickerManager } from '@kite/manager';
import { publishFeed } from '@kite/nats';
import { startSimulator } from '@kite/simulator';
import { hasNoNatsServer, INFY, NatsServer, NIFTY } from '@kite/testkit';

const PROGRAM = fileURLToPath(new URL('../../src/fan-out/read.py', import.meta.url));
const GUIDE = new URL('../../../../docs/guides/one-feed-many-programs.md', import.meta.url);
const hasNoNatsPy = spawnSync('python3', ['-c', 'import nats']).status !== 0;

/** A Python that starts, and a feed that begins, take their time on a busy machine. */
const TIMEOUT_MS = 60_000;

describe('a reader in Python', { timeout: TIMEOUT_MS }, () => {
  test('is the program of the guide, line by line', () => {
    expect(readFileSync(GUIDE, 'utf8')).toContain(`\`\`\`python\n${readFileSync(PROGRAM, 'utf8')}\`\`\`\n`);
  });

  test.skipIf(hasNoNatsServer() || hasNoNatsPy)(
    'reads the test vector of the README, then prices of the instruments that it names (skipped without python3, nats-py and a NATS server)',
    async () => {
      await using server = await NatsServer.start('-js');
      await using simulator = await startSimulator();
      await using manager = new KiteTickerManager({
        apiKey: 'key',
        accessToken: 'token',
        url: simulator.url,
      });
      await using _publisher = await publishFeed({ feed: manager, servers: server.address, publisher: 'a' });
      await manager.start();
      await manager.subscribeSymbols([INFY, NIFTY]);
      const child = spawn('python3', [PROGRAM, server.address, String(INFY), String(NIFTY)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = once(child, 'close');
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const prices = [INFY, NIFTY].map((token) => new RegExp(`^${token} \\d+\\.\\d+ \\d{13}$`, 'm'));
      let stdout = '';
      for await (const text of child.stdout.setEncoding('utf8')) {
        stdout += String(text);
        if (prices.every((price) => price.test(stdout))) child.kill('SIGINT');
      }
      expect({ ended: await ended, stderr }).toEqual({ ended: [0, null], stderr: '' });
      for (const price of prices) expect(stdout).toMatch(price);
      expect(stdout).not.toContain('missing');
    },
  );
});
