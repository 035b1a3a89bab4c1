import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from 'commander';

import { root } from './nx.js';
import { partsOf } from './parts.js';

const EXAMPLES = fileURLToPath(new URL('../../', import.meta.url));

/** The version of unreleased packages. */
const UNRELEASED = '0.0.0';

/** Runs TypeScript directly. */
const RUNNER = 'tsx';

/**
 * Copies an example with all its imports into its own folder, as a project that needs only its packages.
 *
 * @returns the command that runs it
 * @throws InvalidArgumentError if the folder is not empty
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

/** Packages that are not on npm yet come from this repository. */
function placeOf(name: string, version = '*'): string {
  return version === UNRELEASED ? `file:${path.join(root, name.replace('@kite', 'packages'))}` : version;
}

/** A path as a shell takes it. */
function quoted(place: string): string {
  return /^[\w./-]+$/.test(place) ? place : `'${place.replaceAll("'", `'\\''`)}'`;
}
