import { readFileSync } from 'node:fs';
import path from 'node:path';
import { KiteInputError } from '@kite/protocol';

import { SCENARIO_NAMES, type ScenarioName } from '../plan/scenario.js';

/** A single fault, as a patch of the core. */
export interface Patch {
  readonly name: string;
  readonly file: string;
  /** What it breaks, in words; empty where the file does not say. */
  readonly breaks: string;
  /** The files that it changes. */
  readonly changes: readonly string[];
  /** Where it can show. */
  readonly scenarios: readonly ScenarioName[];
}

/** The scenarios that run the files of a folder; for all other files these are all scenarios. */
const SCENARIOS_OF: readonly (readonly [folder: string, scenarios: readonly ScenarioName[]])[] = [
  ['packages/manager/src/threads/', ['one-worker']],
  ['packages/manager/src/subscribers/', ['one-subscribers', 'three-subscribers']],
  ['packages/multi-api/src/feed/replica', ['three-replicas-2', 'three-replicas-3']],
  ['packages/multi-api/src/feed/coverage', ['three-replicas-2', 'three-replicas-3']],
  ['packages/connection/src/feed/replica-merge', ['three-replicas-2', 'three-replicas-3']],
  ['packages/connection/src/feed/merger', ['three-replicas-2', 'three-replicas-3']],
  ['packages/connection/src/feed/tick-state', ['three-replicas-2', 'three-replicas-3']],
  ['packages/multi-api/', ['three', 'three-replicas-2', 'three-replicas-3']],
];

/** Reads a patch from its file; see {@link parsePatch}. */
export function readPatch(file: string): Patch {
  return parsePatch(file, readFileSync(file, 'utf8'));
}

/**
 * What a patch says of itself. The text before the diff, which `git apply` ignores, says in its first paragraph what the fault breaks; a line
 * `Scenarios: one-inline, one-worker` names where it can show. Without that line, the changed files tell.
 *
 * @throws KiteInputError `KITE_TRIALS_INVALID_OPTION` for a scenario that there is not
 */
export function parsePatch(file: string, text: string): Patch {
  const start = text.search(/^(?:diff --git |--- )/m);
  const header = text.slice(0, Math.max(0, start));
  const [breaks = ''] = header
    .replaceAll(/^Scenarios:.*$/gm, '')
    .trim()
    .split(/\n\s*\n/);
  const changes = [...text.slice(Math.max(0, start)).matchAll(/^\+\+\+ b\/(\S+)/gm)].map(([, file]) => file!);
  return {
    name: path.basename(file, '.patch'),
    file,
    breaks: breaks.replaceAll(/\s+/g, ' '),
    changes,
    scenarios: namedIn(header) ?? scenariosOf(changes),
  };
}

function namedIn(header: string): ScenarioName[] | undefined {
  const line = /^Scenarios:(.*)$/m.exec(header)?.[1];
  return line?.split(',').map((part) => {
    const name = SCENARIO_NAMES.find((one) => one === part.trim());
    if (name) return name;
    const allowed = SCENARIO_NAMES.join(', ');
    throw new KiteInputError('KITE_TRIALS_INVALID_OPTION', {
      field: 'Scenarios',
      value: part.trim(),
      allowed,
    });
  });
}

function scenariosOf(changes: readonly string[]): readonly ScenarioName[] {
  const lists = changes.map(
    (changed) => SCENARIOS_OF.find(([folder]) => changed.startsWith(folder))?.[1] ?? SCENARIO_NAMES,
  );
  return SCENARIO_NAMES.filter((name) => lists.some((list) => list.includes(name)));
}
