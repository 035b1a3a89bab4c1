import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from 'commander';

import { root } from './nx.js';
import { partsOf } from './parts.js';

const EXAMPLES = fileURLToPath(new URL('../../', import.meta.url));

/** The version of packages that are not released yet. */
const UNRELEASED = '0.0.0';

/** Runs TypeScript as it is. */
const RUNNER = 'tsx';

/**
 * Copies an example with all that it imports into a folder of its own, as a project that needs its packages and nothing else.
 *
 * @returns the command that runs it
 * @throws InvalidArgumentError for a folder that has something in it
 */
export function copyExample(name: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0)
    throw new InvalidArgumentError(`${folder} is not empty: name an empty folder or a new one.`);
  const { files, packages } = partsOf(name);
  for (const file of files) cpSync(path.join(EXAMPLES, 'src', file), path.join(folder, file));
  const { dependencies } = JSON.parse(readFileSync(path.join(EXAMPLES, 'package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>;
  };
  const project = {
    name,
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(
      [...packages, RUNNER].sort().map((one) => [one, placeOf(one, dependencies[one])]),
    ),
  };
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(project, null, 2)}\n`);
  return `cd ${quoted(folder)} && npm install && npx ${RUNNER} ${name}.ts`;
}

/** What is not on npm yet comes from this repository. */
function placeOf(name: string, version = '*'): string {
  return version === UNRELEASED ? `file:${path.join(root, name.replace('@kite', 'packages'))}` : version;
}

/** A path as a shell takes it. */
function quoted(place: string): string {
  return /^[\w./-]+$/.test(place) ? place : `'${place.replaceAll("'", `'\\''`)}'`;
}
