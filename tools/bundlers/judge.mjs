import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { writePrograms } from './programs.mjs';
import { RECIPES } from './recipes.mjs';

const execute = promisify(execFile);

/** A program that takes longer hangs, in milliseconds. */
const RUN_MS = 60_000;

/**
 * Bundles the program in every way, and runs each outcome: where nothing is installed, unless the packages are left out.
 *
 * @param {{ project: string, out: string, url: string }} where the project that has bundlers and packages, a folder outside of
 *   it, and a simulator
 * @returns {Promise<string[]>} what failed
 */
export async function judgeRecipes({ project, out, url }) {
  writePrograms(project);
  /** @type {string[]} */
  const failures = [];
  for (const [index, recipe] of RECIPES.entries()) {
    const folder = path.join(recipe.isInstalled ? path.join(project, 'out') : out, String(index));
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
    try {
      await recipe.bundle(project, folder);
      const text = recipe.ask ? await recipe.ask(project, url) : await run(folder, recipe.entry, url);
      judge(JSON.parse(text), recipe.isolation);
      console.log(`  ok    ${recipe.name}: ${recipe.isolation}`);
    } catch (error) {
      console.log(`  FAIL  ${recipe.name}: ${error instanceof Error ? error.message : error}`);
      failures.push(recipe.name);
    }
  }
  return failures;
}

/** @param {string} cwd @param {string} entry @param {string} url */
async function run(cwd, entry, url) {
  const { stdout } = await execute(process.execPath, [entry, url], { cwd, timeout: RUN_MS });
  return stdout;
}

/**
 * @param {{ token: number, status: string, isolation: string, counted: string, reasons: string[], told: string[] }} outcome
 * @param {'worker' | 'inline'} isolation
 */
function judge({ token, status, isolation: found, counted, reasons, told }, isolation) {
  const lost = isolation === 'inline';
  const facts = {
    ticks: token === 408065,
    health: found === isolation,
    'a status': (status === 'healthy') !== lost,
    stats: counted === isolation,
    'a health reason': reasons.some((reason) => reason.includes('main thread')) === lost,
    'an issue': told.includes('KITE_MANAGER_THREADS_UNAVAILABLE') === lost,
    'a warning': told.some((text) => text.startsWith('KiteWarning: ')) === lost,
  };
  const wrong = Object.entries(facts).flatMap(([fact, isRight]) => (isRight ? [] : [fact]));
  if (wrong.length > 0)
    throw new Error(
      `not as expected: ${wrong.join(', ')}; ${JSON.stringify({ found, counted, reasons, told })}`,
    );
}
