import { readFileSync, writeFileSync } from 'node:fs';

import type { Rule } from '../oracle/failure.js';
import type { TrialName } from '../plan/scenario.js';
import { failureText } from '../report/print.js';
import { runSeeds } from '../run/run-seeds.js';
import { toJson } from './json.js';
import { brokenRules } from './known.js';

/** A seed of the fixed set, and the rules that it breaks today, sorted. */
interface Fixed {
  readonly scenario: TrialName;
  readonly seed: number;
  readonly broken: readonly Rule[];
}

/**
 * Runs the seeds of a file, and compares the rules that each breaks with those in the file. Gives the exit code: 0 where
 * nothing has changed.
 *
 * @param writes whether to put what is broken now into the file
 */
export async function runFixed(file: string, writes: boolean): Promise<number> {
  const { seeds } = JSON.parse(readFileSync(file, 'utf8')) as { seeds: readonly Fixed[] };
  const now = new Map<Fixed, readonly Rule[]>();
  let changed = 0;
  await runSeeds(seeds, (answer) => {
    const fixed = seeds.find(({ seed, scenario }) => seed === answer.seed && scenario === answer.scenario)!;
    const broken = brokenRules(answer.verdict);
    now.set(fixed, broken);
    if (broken.join() === fixed.broken.join()) return;
    changed++;
    const list = (rules: readonly Rule[]): string => (rules.length === 0 ? 'nothing' : rules.join(', '));
    console.log(
      `seed ${fixed.seed}, ${fixed.scenario}: breaks ${list(broken)}, and not ${list(fixed.broken)}`,
    );
    const added = answer.verdict.failures.find(({ rule }) => !fixed.broken.includes(rule));
    if (added) console.log(`  ${failureText(added)}`);
  });
  const failing = [...now.values()].filter(({ length }) => length > 0).length;
  console.log(`${seeds.length} fixed seeds, ${failing} of which break rules; ${changed} have changed`);
  if (!writes) {
    if (changed > 0) console.log('if that is meant: npm run trials -- --fixed --write, in the same commit');
    return changed === 0 ? 0 : 1;
  }
  writeFileSync(file, toJson({ seeds: seeds.map((fixed) => ({ ...fixed, broken: now.get(fixed)! })) }));
  return 0;
}
