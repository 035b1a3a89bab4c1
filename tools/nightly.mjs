// `npm run nightly`: what takes longer than continuous integration may. Runs every step, or those that are named
// (`npm run nightly -- packages`), goes on after a failure, and ends with a list of how each went.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { compareBars } from './bars-sql.mjs';
import { readCommandLine, refuse } from './command-line.mjs';
import { fetchNatsServer } from './nats-server.mjs';
import { root } from './nx.mjs';
import { NODE_MAJORS, tool } from './release-check/toolchains.mjs';
import { compareDays } from './same-day.mjs';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} what
 * @property {true} [usesNats] some of it is skipped without a NATS server, by name
 * @property {() => string | void} run throws when the step fails; returns why it was skipped, if it was
 */

/** A new step is one entry here. @type {Step[]} */
const STEPS = [
  {
    name: 'packages',
    what: 'each package, packed and installed alone, on every Node and with every TypeScript',
    run: () => execute('npm', ['run', 'release:check']),
  },
  {
    name: 'bundlers',
    what: 'the manager and its I/O worker in bundles of esbuild, Vite, webpack and Next.js, and left out of them',
    run: () => execute(process.execPath, ['tools/bundlers/run.mjs']),
  },
  {
    name: 'runtimes',
    what: 'the packages without Node’s APIs in Bun and Deno',
    run: () => execute(process.execPath, ['tools/runtimes/run.mjs']),
  },
  {
    name: 'audit',
    what: 'known vulnerabilities of what the packages depend on',
    run: audit,
  },
  {
    name: 'same-day',
    what: 'whole days in virtual time, with the same hash on every Node',
    run: compareDays,
  },
  {
    name: 'bars-sql',
    what: 'the bars of a simulated day, and what DuckDB makes of the same ticks',
    run: compareBars,
  },
  {
    name: 'properties',
    what: 'every test, with a seed of its own for the property tests',
    usesNats: true,
    run: () => {
      const seed = String(drawnSeed());
      console.log(`KITE_PROPERTY_SEED=${seed}`);
      execute(process.execPath, ['tools/test.mjs'], { KITE_PROPERTY_SEED: seed, NX_SKIP_NX_CACHE: 'true' });
    },
  },
  {
    name: 'fuzz',
    what: 'a minute of coverage-guided search for each parser and for the connection machine, with a seed of its own',
    run: () => execute('npm', ['run', 'fuzz', '--', '--seconds', '60', '--seed', String(drawnSeed())]),
  },
  {
    name: 'differential',
    what: '20 million random frames against the official JS decoder, with a seed of its own',
    run: () => {
      const seed = String(drawnSeed() + 1);
      const env = { KITE_DIFFERENTIAL_FRAMES: '20000000', KITE_DIFFERENTIAL_SEED: seed };
      execute('npm', ['test', '-w', 'kite-bench', '--', 'test/pure/differential'], env);
    },
  },
  {
    name: 'decoders',
    what: 'a million random frames each against the decoders in Python, Go and Rust, with a seed of its own',
    run: () => execute('npm', ['run', 'differential', '--', '--seed', String(drawnSeed() + 1)]),
  },
  {
    name: 'conformance',
    what: 'this client and six others through the facts of the protocol, with the known failures of each',
    run: () => execute('npm', ['run', 'conformance']),
  },
  {
    name: 'trials',
    what: 'days in virtual time under random faults, in every scenario, with seeds of their own',
    run: () => execute('npm', ['run', 'trials', '--', '--seeds', '420', '--from', String(drawnSeed())]),
  },
  {
    name: 'chaos',
    what: 'ten minutes of faults over real sockets and threads, with a seed of its own',
    run: () => execute('npm', ['run', 'chaos', '--', '--minutes', '10', '--seed', String(drawnSeed())]),
  },
  {
    name: 'bus-trial',
    what: '50 kills of collectors, and of programs and a NATS server, in ten minutes and more, with a seed of its own',
    run: () => {
      if (fetchNatsServer() === undefined) return 'there is no nats-server, and none could be fetched';
      const options = ['--minutes', '10', '--kills', '50', '--seed', String(drawnSeed())];
      return execute('npm', ['run', 'bus-trial', '--', ...options]);
    },
  },
  {
    name: 'soak',
    what: 'ten minutes of 30 000 ticks a second',
    run: () => execute('npm', ['run', 'soak', '--', '--minutes', '10']),
  },
  {
    name: 'programs',
    what: 'every program of the READMEs and guides, as a reader would run it',
    usesNats: true,
    run: () => execute('npm', ['run', 'docs:run']),
  },
  {
    name: 'calendar',
    what: 'how long the exchanges’ holidays are known',
    run: () => execute('npm', ['run', 'calendar:check']),
  },
  ...NODE_MAJORS.map((major) => ({
    name: `tests-node-${major}`,
    what: `every test, on Node ${major}`,
    usesNats: /** @type {const} */ (true),
    run: () => runTests(major),
  })),
];

function drawnSeed() {
  return Math.trunc(Math.random() * 2 ** 31);
}

/** A mirror of the registry may know nothing of vulnerabilities: then this step is left out, and says so. */
function audit() {
  const { status, stdout, stderr } = spawnSync('npm', ['audit', '--omit', 'dev', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
  });
  console.log(`${stdout}${stderr}`.trim());
  if (status === 0) return;
  if (!stderr.includes('audit endpoint returned an error')) throw new Error(`npm audit ended with ${status}`);
  console.log('left out: this registry does not answer audits');
}

/** @param {string} major of the Node to run them on */
function runTests(major) {
  const { program } = tool('node', major);
  // npm runs Vitest with the first Node on the path. The preset of the tests refuses any other.
  const PATH = `${path.dirname(program)}${path.delimiter}${process.env['PATH']}`;
  execute(program, ['tools/test.mjs'], { PATH, KITE_TEST_NODE: major, NX_SKIP_NX_CACHE: 'true' });
}

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] on top of this process's own */
function execute(command, args, env = {}) {
  const options = { cwd: root, stdio: /** @type {const} */ ('inherit'), env: { ...process.env, ...env } };
  const { status, signal, error } = spawnSync(command, args, options);
  if (error) throw error;
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${signal ?? status}`);
}

/** @param {Step} step @returns {{ hasFailed: boolean, line: string }} */
function attempt({ name, what, usesNats, run }) {
  console.log(`── ${name}: ${what}`);
  const started = performance.now();
  const finish = (/** @type {string} */ how, hasFailed = false) => {
    const line = `${name}: ${how}, ${Math.round((performance.now() - started) / 1000)} s`;
    console.log(`── ${line}`);
    return { hasFailed, line };
  };
  try {
    if (usesNats) fetchNatsServer();
    const reason = run();
    return finish(typeof reason === 'string' ? `skipped (${reason})` : 'passed');
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return finish('FAILED', true);
  }
}

const { operands: wanted } = readCommandLine({
  command: 'npm run nightly --',
  about:
    'Runs what takes longer than continuous integration may: every step, or the named ones. The exit code is 1 if one failed.',
  operands: '[steps...]',
  more: `The steps:\n${STEPS.map(({ name, what }) => `  ${name}: ${what}`).join('\n')}`,
});
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));
if (unknown.length > 0) refuse(`no step is called ${unknown.join(', ')}; --help lists them`);
const results = STEPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name)).map(attempt);
console.log(['── Summary', ...results.map(({ line }) => line)].join('\n'));
process.exitCode = results.some(({ hasFailed }) => hasFailed) ? 1 : 0;
