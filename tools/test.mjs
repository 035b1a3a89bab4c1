// `npm test`: the tests of every project, through Nx, and one line that counts them all.
import { spawnSync } from 'node:child_process';

import { nx, root } from './nx.mjs';
import { forgetResults, summarize, testedProjects } from './test-summary.mjs';

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(`Usage: npm test -- [options of nx run-many]

Runs the tests of every project. What has not changed since it passed is not run again.

  -p NAME           this project alone, such as @kite/protocol
  --skip-nx-cache   run all of it again
  -h, --help        this text

One file: npx vitest run FILE, in the folder of its package.`);
} else {
  const projects = await testedProjects();
  forgetResults(projects);
  const { status } = spawnSync(process.execPath, [nx, 'run-many', '-t', 'test', ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  const complete = summarize(projects);
  process.exitCode = status === 0 && !complete ? 1 : (status ?? 1);
}
