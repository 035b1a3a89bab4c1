// Runs days in virtual time on every Node, and compares their hashes: a seed must make the same day everywhere.
import { spawnSync } from 'node:child_process';

import { nx, root } from './nx.mjs';
import { NODE_MAJORS, tool } from './release-check/toolchains.mjs';

/** What a day of 500 instruments sends at least, at the natural pace. */
const LEAST_TICKS = 3_000_000;

const day = ['--import', 'tsx', 'apps/examples/src/simulated-day.ts'];
const trial = ['apps/trials/dist/trial.js', '--seed', '7', '--scenario'];

const PROGRAMS = [
  day,
  [...day, '--faults', 'swarm', '--seed', '847', '--instruments', '100'],
  [...trial, 'one-worker'],
  [...trial, 'three-replicas-2'],
];

/** @throws Error when a day is not the same everywhere, or is too small */
export function compareDays() {
  for (const target of ['kite-examples:prepare', 'kite-trials:build'])
    run(process.execPath, [nx, 'run', target, '--outputStyle=static']);
  for (const args of PROGRAMS) {
    const command = ['node', ...args].join(' ');
    console.log(command);
    const hashes = NODE_MAJORS.map((major) => {
      const { label, program } = tool('node', major);
      const printed = run(program, args);
      console.log(`  ${label}: ${factsIn(printed)}`);
      if (args === day && ticksIn(printed) < LEAST_TICKS) throw new Error(`fewer than ${LEAST_TICKS} ticks`);
      return hashIn(printed);
    });
    if (new Set(hashes).size > 1) throw new Error(`${command}: not the same day on every Node`);
  }
}

/** @param {string} program @param {string[]} args */
function run(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (error) throw error;
  // A trial ends with 1 where a rule was broken: its verdict is another matter.
  if (status === 0 || (status === 1 && hashIn(stdout))) return stdout;
  throw new Error(`${[program, ...args].join(' ')} ended with ${status}\n${stdout}${stderr}`);
}

/** @param {string} printed */
function hashIn(printed) {
  return /^hash +([0-9a-f]{16,})$/m.exec(printed)?.[1];
}

/** @param {string} printed */
function ticksIn(printed) {
  return Number(/^ticks sent +([\d,]+)$/m.exec(printed)?.[1]?.replaceAll(',', ''));
}

/** The last lines in one: counts, times and the hash. @param {string} printed */
function factsIn(printed) {
  return printed.trim().split('\n').slice(-5).join('; ').replaceAll(/ +/g, ' ');
}
