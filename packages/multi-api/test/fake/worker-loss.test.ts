import { afterEach, beforeEach, expect, type Mock, test, vi } from 'vitest';
import { isKiteError, MultiApiKiteTickerManager } from '@kite/multi-api';
import { simulateDay } from '@kite/simulator';

import { accounts } from '../support/multi-bench.js';

/** What Node would have shown. */
let warned: Mock;
beforeEach(() => {
  warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

test('an I/O worker that crashes is one issue of its account, to listeners and in channels; all accounts together warn once', async () => {
  await using day = simulateDay({ from: '09:20', instruments: 10 });
  const manager = new MultiApiKiteTickerManager({ ...day.options, accounts: accounts('one', 'other') });
  const heard: string[][] = [];
  manager.on('issue', ({ apiKeyId, issue }) => {
    heard.push([apiKeyId!, isKiteError(issue) ? issue.code : issue.kind]);
  });
  const unified = manager.getUnifiedChannel();
  await day.runUntil(manager.start());
  day.inject({ kind: 'crash-worker', worker: 0 });
  await day.run(10_000);
  day.inject({ kind: 'crash-worker', worker: 0 });
  await day.run(10_000);
  expect(heard).toEqual([
    ['one', 'KITE_MANAGER_WORKER_CRASHED'],
    ['other', 'KITE_MANAGER_WORKER_CRASHED'],
  ]);
  expect(manager.getHealth()).toMatchObject({ status: 'healthy', isolation: 'worker' });
  await day.runUntil(manager.stop());
  const issues: string[] = [];
  for await (const { apiKeyId, message } of unified) if (message.type === 'issue') issues.push(apiKeyId);
  expect(issues).toEqual(['one', 'other']);
  expect(warned).toHaveBeenCalledTimes(1);
});
