import { describe, expect, test } from 'vitest';

import { parsePatch } from '../../src/mutants/patch.js';
import { outcomeTable } from '../../src/mutants/table.js';
import { SCENARIO_NAMES } from '../../src/plan/scenario.js';

const diffOf = (...files: readonly string[]): string =>
  files
    .map((file) => `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-a\n+b\n`)
    .join('');
const anywhere = diffOf('packages/connection/src/feed/hub.ts');

describe('a patch', () => {
  test('says in the first paragraph of its header what it breaks', () => {
    const header = 'A gap is not\nsent.\n\nIt happened once.\n\n';
    const { name, breaks } = parsePatch('/somewhere/gap-not-sent.patch', header + anywhere);
    expect({ name, breaks }).toEqual({ name: 'gap-not-sent', breaks: 'A gap is not sent.' });
    expect(parsePatch('x.patch', anywhere).breaks).toBe('');
  });

  test('names its scenarios in its header, and no unknown one', () => {
    const header = 'A fault.\nScenarios: one-worker, three\n\n';
    expect(parsePatch('x.patch', header + anywhere)).toMatchObject({
      breaks: 'A fault.',
      scenarios: ['one-worker', 'three'],
    });
    expect(() => parsePatch('x.patch', `Scenarios: four\n\n${anywhere}`)).toThrow(
      /"four"; allowed: one-inline/,
    );
  });

  test('without that line is tried where its files are run', () => {
    const scenarios = (...files: readonly string[]) => parsePatch('x.patch', diffOf(...files)).scenarios;
    expect(scenarios('packages/connection/src/feed/hub.ts')).toEqual(SCENARIO_NAMES);
    expect(scenarios('packages/manager/src/threads/main/drain.ts')).toEqual(['one-worker']);
    expect(scenarios('packages/connection/src/feed/replica-merge.ts')).toEqual([
      'three-replicas-2',
      'three-replicas-3',
    ]);
    expect(
      scenarios('packages/manager/src/threads/main/drain.ts', 'packages/multi-api/src/health.ts'),
    ).toEqual(['one-worker', 'three', 'three-replicas-2', 'three-replicas-3']);
  });
});

test('the table of mutants has a row for each, found or not', () => {
  const patch = parsePatch('a.patch', `A | fault.\n\n${anywhere}`);
  const failure = { rule: 'lost', at: 0, text: '' } as const;
  const table = outcomeTable([
    { patch, finding: { seed: 7, scenario: 'three', failure } },
    { patch: { ...patch, name: 'b' } },
    { patch: { ...patch, name: 'c' }, broken: 'it does not apply' },
  ]);
  expect(table.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
    '| Mutant | What it breaks | Scenario | First seed | Rule |',
    '| ------ | -------------- | -------- | ---------- | ------ |',
    '| `a` | A \\| fault. | `three` | 7 | `lost` |',
    '| `b` | A \\| fault. | | not found | |',
    '| `c` | A \\| fault. | | broken | |',
  ]);
});
