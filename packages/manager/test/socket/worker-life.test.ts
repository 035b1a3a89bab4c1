import { afterEach, beforeEach, describe, expect, type Mock, test, vi } from 'vitest';
import { isKiteError, KiteTickerManager, type ManagerOptions, Mode } from '@kite/manager';
import { startSimulator } from '@kite/simulator';
import { eventually, instruments } from '@kite/testkit';

import { crash, crashingWorker, spin } from '../support/crash.js';
import { openBench } from '../support/manager-bench.js';
import { program } from '../support/program.js';

/** What Node would have shown. */
let warned: Mock;
beforeEach(() => {
  warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

function newManager(url: string, options: Partial<ManagerOptions> = {}) {
  const manager = new KiteTickerManager({
    apiKey: 'key',
    accessToken: 'token',
    url,
    reconnectDelayMs: 5,
    maxReconnectDelayMs: 20,
    workerUrl: crashingWorker,
    ...options,
  });
  const heard = { issues: [] as string[], gaps: [] as number[], ticks: 0 };
  manager.on('issue', ({ issue }) => void heard.issues.push(isKiteError(issue) ? issue.code : issue.kind));
  manager.on('gap', ({ channelId }) => void heard.gaps.push(channelId));
  manager.on('ticks', ({ ticks }) => void (heard.ticks += ticks.length));
  return { manager, heard };
}

describe('an I/O worker', () => {
  test('that is never ready holds no stop() up', async () => {
    const { manager } = newManager('ws://127.0.0.1:9/', {
      workerUrl: 'data:text/javascript,setInterval(() => {}, 1000)',
    });
    const ports = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
    const before = ports();
    const starting = manager.start().catch((error: unknown) => error);
    await eventually(() => expect(ports()).toBeGreaterThan(before));
    await manager.stop();
    expect(await starting).toMatchObject({ code: 'KITE_MANAGER_STOPPED' });
    expect(ports()).toBe(before);
  });

  test('that crashes is reported once, on every way of reading, and warned of once however often it crashes', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 200 });
    const { manager, heard } = newManager(simulator.url);
    const unified = manager.getUnifiedChannel();
    await manager.start();
    await manager.subscribeSymbols(instruments(6), Mode.Full);
    for (const crashes of [1, 2]) {
      await eventually(() => expect(manager.getHealth().healthyConnections).toBe(3));
      crash();
      await eventually(() => expect(heard.gaps).toHaveLength(3 * crashes));
    }
    expect(heard.issues).toEqual(['KITE_MANAGER_WORKER_CRASHED', 'KITE_MANAGER_WORKER_CRASHED']);
    await manager.stop();
    let issues = 0;
    for await (const { type } of unified) if (type === 'issue') issues++;
    expect(issues).toBe(2);
    expect(warned).toHaveBeenCalledTimes(1);
  });

  test('that crashes leaves connections that the server may still count: a 429 is soon tried again', async () => {
    await using simulator = await startSimulator();
    const { manager } = newManager(simulator.url, { maxConnections: 1, rateLimitDelayMs: 600_000 });
    await manager.start();
    simulator.refuse(2, 429);
    crash();
    await eventually(() =>
      expect(simulator.handshakes.map(({ status }) => status)).toEqual([101, 429, 429, 101]),
    );
    await manager.stop();
  });

  test('that hangs is reported, and replaced after the threshold of liveness (two seconds at least): all is streamed again', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 200 });
    const { manager, heard } = newManager(simulator.url, { heartbeatLivenessThresholdMs: 1000 });
    await manager.start();
    await manager.subscribeSymbols(instruments(6), Mode.Full);
    await eventually(() => expect(heard.ticks).toBeGreaterThan(0));
    spin();
    await eventually(() => expect([...heard.gaps].sort()).toEqual([0, 1, 2]));
    expect(heard.issues).toEqual(['KITE_MANAGER_WORKER_HUNG']);
    const ticked = heard.ticks;
    await eventually(() => expect(heard.ticks).toBeGreaterThan(ticked));
    await eventually(() => expect(simulator.connections).toHaveLength(3));
    await eventually(() => expect(manager.getHealth()).toMatchObject({ status: 'healthy', reasons: [] }));
    await manager.stop();
  }, 15_000);

  test('is not called hung because the process stood still for three seconds (a hang is reported after two)', async () => {
    await using bench = await openBench();
    await using child = await program(`
      import { spawn } from 'node:child_process';
      import { KiteTickerManager } from '@kite/manager';
      const manager = new KiteTickerManager({ apiKey, accessToken });
      manager.on('issue', ({ issue }) => console.log(issue.code));
      manager.on('state', ({ state }) => console.log(state));
      await manager.start();
      let looks = 0;
      const timer = setInterval(() => {
        if (++looks === 1) spawn('sh', ['-c', 'kill -STOP $0; sleep 3; kill -CONT $0', process.pid]);
        if (looks < 12) return;
        clearInterval(timer);
        void manager.stop();
      }, 250);
    `);
    const { code } = await child.run(bench.simulator.url);
    const states = ['connecting', 'open', 'closing', 'closed'];
    expect([code, child.output.trim().split('\n').sort()]).toEqual([
      0,
      states.flatMap((state) => Array<string>(3).fill(state)).sort(),
    ]);
  }, 15_000);
});
