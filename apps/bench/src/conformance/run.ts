// `npm run conformance`: our client and the official ones through the simulator's suite. The exit code is 1 if a
// client's failures differ from its known ones. A client without its language here is skipped and named.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { command as commandOf } from '../command-line.js';
import { reasonOf } from '../native/clients.js';
import { type Client, CLIENTS } from './clients.js';

interface Row {
  id: number;
  title: string;
  required: boolean;
  passed: boolean;
  why: string;
}

const simulator = fileURLToPath(new URL('../simulator.js', import.meta.url));
const cards = new Map<Client, Row[]>();
const options = commandOf(
  'npm run conformance --',
  "Runs our client and the official ones through the simulator's conformance suite, and prints what each passed.",
)
  .argument('[words...]', 'only the clients with one of these words in their name')
  .addHelpText('after', `\nThe clients: ${CLIENTS.map(({ name }) => name).join(', ')}`)
  .parse();
const words = options.args;
const chosen = CLIENTS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (chosen.length === 0) options.error(`error: no client has ${words.join(' or ')} in its name; see --help`);
for (const client of chosen) {
  let command: readonly string[];
  try {
    command = await client.prepare();
  } catch (error) {
    console.log(`${client.name} is left out: ${reasonOf(error)}`);
    continue;
  }
  const rows = rowsOf(command);
  if (typeof rows !== 'string') cards.set(client, rows);
  else {
    console.error(`${client.name} has no scorecard: ${rows}`);
    process.exitCode = 1;
  }
}

/** The results of a client, or why the suite gave none. */
function rowsOf(command: readonly string[]): Row[] | string {
  const { stdout, status, signal, error } = spawnSync(
    process.execPath,
    [simulator, 'conformance', '--json', '--', ...command],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (error) return error.message;
  try {
    return (JSON.parse(stdout) as { rows: Row[] }).rows;
  } catch {
    return `the suite ended with ${signal ?? status}, and printed ${JSON.stringify(stdout.slice(0, 200))}`;
  }
}

const names = [...cards.keys()].map(({ name }) => name);
console.log(`| | Fact | ${names.join(' | ')} |\n|---|---|${'---|'.repeat(names.length)}`);
for (const { id, title, required } of [...cards.values()][0] ?? []) {
  const verdicts = [...cards.values()].map((rows) =>
    rows.find((row) => row.id === id)?.passed ? 'yes' : '**no**',
  );
  console.log(`| ${id} | ${title}${required ? '' : ' (not required)'} | ${verdicts.join(' | ')} |`);
}
for (const [{ name, fails, failsAtTimes = [] }, rows] of cards) {
  const failed = rows.filter(({ passed }) => !passed);
  for (const { id, why } of failed) console.log(`${name}, ${id}: ${why}`);
  const always = failed.filter(({ id }) => !failsAtTimes.includes(id));
  if (always.map(({ id }) => id).join() === fails.join()) continue;
  console.error(
    `${name} fails ${failed.map(({ id }) => id).join() || 'nothing'}, and is known to fail ${fails.join() || 'nothing'}`,
  );
  process.exitCode = 1;
}
