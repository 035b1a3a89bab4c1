// `npm test`: the tests of every project, through Nx, and one line that counts them all.
import { spawnSync } from 'node:child_process';

import { nx, root } from './nx.mjs';
import { forgetResults, summarize, testedProjects } from './test-summary.mjs';

const projects = await testedProjects();
forgetResults(projects);
const { status } = spawnSync(process.execPath, [nx, 'run-many', '-t', 'test', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
const complete = summarize(projects);
process.exitCode = status === 0 && !complete ? 1 : (status ?? 1);
