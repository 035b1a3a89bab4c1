// Adds up what every project's last test run wrote: names each test that failed, and closes with one line,
// `N passed, N failed`.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProjectGraphAsync } from '@nx/devkit';

import { root } from './nx.mjs';

/**
 * @typedef {{ status: string, fullName: string, failureMessages: string[] }} TestResult
 * @typedef {{ name: string, status: string, message: string, assertionResults: TestResult[] }} FileResult
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
 * Prints the tests that failed, and the closing line.
 * @param {Project[]} projects
 * @returns {boolean} whether a test passed, none failed and no project's results are missing
 */
export function summarize(projects) {
  let passed = 0;
  let skipped = 0;
  /** @type {string[]} */
  const failures = [];
  const missing = [];
  for (const { name: project, file } of projects) {
    if (!existsSync(file)) {
      missing.push(project);
      continue;
    }
    /** @type {{ testResults: FileResult[] }} */
    const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
    for (const { name, status, message, assertionResults } of testResults) {
      const failed = assertionResults.filter((result) => result.status === 'failed');
      const succeeded = assertionResults.filter((result) => result.status === 'passed');
      passed += succeeded.length;
      skipped += assertionResults.length - succeeded.length - failed.length;
      const where = `${project}, ${path.relative(root, name)}`;
      for (const { fullName, failureMessages } of failed)
        failures.push(`${where}: ${fullName}\n${failureMessages.join('\n')}`);
      // A file that could not be loaded has no test that failed, and is a failure all the same.
      if (status === 'failed' && failed.length === 0) failures.push(`${where}\n${message}`);
    }
  }
  for (const failure of failures) console.log(`FAILED: ${failure}`);
  if (missing.length > 0) console.log(`no test results: ${missing.join(', ')}`);
  if (skipped > 0) console.log(`${skipped} skipped`);
  console.log(`${passed} passed, ${failures.length} failed`);
  return passed > 0 && failures.length === 0 && missing.length === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = summarize(await testedProjects()) ? 0 : 1;
}
