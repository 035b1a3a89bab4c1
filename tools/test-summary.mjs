// Adds up what every project's last test run wrote, and closes with one line: `N passed, N failed`.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProjectGraphAsync } from '@nx/devkit';

import { root } from './nx.mjs';

/**
 * @typedef {{ status: string, assertionResults: { status: string }[] }} FileResult
 * @typedef {{ name: string, file: string }} Project
 */

/** Every project that has tests, with the file in which its results are. @returns {Promise<Project[]>} */
export async function testedProjects() {
  const { nodes } = await createProjectGraphAsync();
  return Object.values(nodes)
    .filter(({ data }) => data.targets?.['test'])
    .map(({ name, data }) => ({ name, file: path.join(root, data.root, 'test-results/vitest.json') }));
}

/**
 * So that a run which dies early cannot pass with the results of the run before it.
 * @param {Project[]} projects
 */
export function forgetResults(projects) {
  for (const { file } of projects) rmSync(file, { force: true });
}

/**
 * Prints the closing line.
 * @param {Project[]} projects
 * @returns {boolean} whether a test passed, none failed and no project's results are missing
 */
export function summarize(projects) {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  const missing = [];
  for (const { name, file } of projects) {
    if (!existsSync(file)) {
      missing.push(name);
      continue;
    }
    /** @type {{ testResults: FileResult[] }} */
    const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
    for (const { status, assertionResults } of testResults) {
      const count = (/** @type {string} */ wanted) =>
        assertionResults.filter((result) => result.status === wanted).length;
      const failures = count('failed');
      passed += count('passed');
      skipped += assertionResults.length - count('passed') - failures;
      // A file that could not be loaded has no test that failed, and is a failure all the same.
      failed += status === 'failed' && failures === 0 ? 1 : failures;
    }
  }
  if (missing.length > 0) console.log(`no test results: ${missing.join(', ')}`);
  if (skipped > 0) console.log(`${skipped} skipped`);
  console.log(`${passed} passed, ${failed} failed`);
  return passed > 0 && failed === 0 && missing.length === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = summarize(await testedProjects()) ? 0 : 1;
}
