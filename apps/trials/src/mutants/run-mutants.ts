import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { ScenarioName } from '../plan/scenario.js';
import { failureText } from '../report/print.js';
import { scenarioOf } from '../run/share-out.js';
import { CleanCore } from './clean-core.js';
import { buildCore, type CoreBuild } from './core-build.js';
import { firstFinding } from './first-finding.js';
import { type Patch, readPatch } from './patch.js';
import { type Outcome, outcomeTable, outcomeText } from './table.js';

/** Which mutants are tried, and how. */
export interface MutantOptions {
  /** A folder of patches, or one patch; undefined: the trials' own. */
  readonly from: string | undefined;
  /** A mutant that none of so many seeds shows has got through. */
  readonly seeds: number;
  readonly firstSeed: number;
  /** Overrides the scenarios of each patch. */
  readonly scenario: ScenarioName | undefined;
  /** Prints the table in Markdown at the end. */
  readonly isMarkdown: boolean;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Builds the core with each single fault of a folder of patches, and looks for the first seed that shows it. Gives the exit
 * code: 0 if each was found.
 */
export async function runMutants(options: MutantOptions): Promise<number> {
  const patches = patchesIn(path.resolve(options.from ?? path.join(root, 'apps/trials/mutants'))).map(
    readPatch,
  );
  const clean = new CleanCore(buildCore(root), path.join(root, '.cache/trials'));
  const outcomes: Outcome[] = [];
  try {
    for (const patch of patches) {
      const outcome = await judge(patch, clean, options);
      outcomes.push(outcome);
      console.log(outcomeText(outcome));
      if (outcome.finding) console.log(`  ${failureText(outcome.finding.failure)}`);
    }
  } finally {
    clean.end();
  }
  const found = outcomes.filter(({ finding }) => finding).length;
  console.log(`${found} of ${outcomes.length} mutants were found`);
  if (options.isMarkdown) console.log(`\n${outcomeTable(outcomes)}`);
  return found === outcomes.length && found > 0 ? 0 : 1;
}

function patchesIn(given: string): string[] {
  if (!statSync(given).isDirectory()) return [given];
  return readdirSync(given)
    .filter((file) => file.endsWith('.patch'))
    .sort()
    .map((file) => path.join(given, file));
}

async function judge(
  patch: Patch,
  clean: CleanCore,
  { seeds, firstSeed, scenario }: MutantOptions,
): Promise<Outcome> {
  let build: CoreBuild;
  try {
    build = buildCore(root, patch.file);
  } catch (error) {
    return { patch, broken: reasonOf(error) };
  }
  try {
    if (build.hash === clean.hash) return { patch, broken: 'the patch does not change the core' };
    const scenarios = scenario === undefined ? patch.scenarios : [scenario];
    const requests = Array.from({ length: seeds }, (_, index) => {
      const seed = firstSeed + index;
      return { seed, scenario: scenarioOf(seed, scenarios) };
    });
    const finding = await firstFinding(build.folder, requests, clean, (count) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${patch.name}: ${count} of ${seeds} \r`);
    });
    return { patch, finding };
  } finally {
    build.remove();
  }
}

/** What a program wrote before it failed, in one line. */
function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: Buffer; message: string };
  const text = stderr && stderr.length > 0 ? stderr.toString() : message;
  return text.trim().split('\n').slice(0, 3).join('; ');
}
