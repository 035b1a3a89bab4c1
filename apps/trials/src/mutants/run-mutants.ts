import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Rule } from '../oracle/failure.js';
import { SCENARIO_NAMES } from '../plan/scenario.js';
import { runSeeds } from '../run/run-seeds.js';

/** A mutant that no seed of these finds has got through. */
const MOST_SEEDS = 200;

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** How one mutant fared. */
interface Found {
  readonly name: string;
  readonly seed: number | undefined;
  readonly scenario: string;
  readonly rule: Rule | undefined;
}

/**
 * Builds the core with each single fault of a folder of patches, and looks for the first seed that shows it. Prints the
 * table; gives the exit code: 0 when each was found.
 */
export async function runMutants(args: readonly string[]): Promise<number> {
  const given = args[args.indexOf('--mutants') + 1];
  const folder = path.resolve(
    given === undefined || given.startsWith('--') ? path.join(root, 'apps/trials/mutants') : given,
  );
  const patches = readdirSync(folder)
    .filter((file) => file.endsWith('.patch'))
    .sort();
  const found: Found[] = [];
  for (const patch of patches) {
    const mutant = await judge(path.join(folder, patch));
    found.push(mutant);
    const where =
      mutant.seed === undefined ? 'NOT FOUND' : `seed ${mutant.seed}, ${mutant.scenario}: ${mutant.rule}`;
    console.log(`${mutant.name.padEnd(40)} ${where}`);
  }
  const missed = found.filter(({ seed }) => seed === undefined);
  console.log(`${found.length - missed.length} of ${found.length} mutants were found`);
  return missed.length === 0 && found.length > 0 ? 0 : 1;
}

async function judge(patch: string): Promise<Found> {
  const name = path.basename(patch, '.patch');
  const tree = mkdtempSync(path.join(tmpdir(), 'kite-mutant-'));
  try {
    const git = (...args: string[]): void => void execFileSync('git', args, { cwd: tree, stdio: 'pipe' });
    execFileSync('git', ['clone', '--quiet', '--shared', root, tree], { stdio: 'pipe' });
    git('apply', patch);
    // The tree has the same packages to install; what it builds is bundled from its own sources.
    symlinkSync(path.join(root, 'node_modules'), path.join(tree, 'node_modules'));
    const out = path.join(tree, 'apps/trials/dist');
    bundle(tree, out);
    return { name, ...(await firstSeed(out)) };
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** One file with every package of this tree from its sources: the links of `node_modules` lead to the other tree. */
function bundle(tree: string, out: string): void {
  const alias = readdirSync(path.join(tree, 'packages')).map(
    (name) => `--alias:@kite/${name}=${path.join(tree, 'packages', name, 'src/index.ts')}`,
  );
  execFileSync(
    path.join(root, 'node_modules/.bin/esbuild'),
    [
      path.join(tree, 'apps/trials/src/seeds-child.ts'),
      ...[
        '--bundle',
        '--platform=node',
        '--format=esm',
        '--target=node20',
        '--external:ws',
        '--log-level=error',
      ],
      ...alias,
      `--outdir=${out}`,
    ],
    { cwd: tree, stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

async function firstSeed(folder: string): Promise<Omit<Found, 'name'>> {
  let first: Omit<Found, 'name'> | undefined;
  const requests = Array.from({ length: MOST_SEEDS }, (_, index) => ({
    seed: index + 1,
    scenario: SCENARIO_NAMES[index % SCENARIO_NAMES.length]!,
  }));
  await runSeeds(
    requests,
    ({ seed, scenario, verdict }) => {
      const failure = verdict.failures[0];
      if (failure && (first?.seed === undefined || seed < first.seed))
        first = { seed, scenario, rule: failure.rule };
      return first === undefined;
    },
    folder,
  );
  return first ?? { seed: undefined, scenario: '', rule: undefined };
}
