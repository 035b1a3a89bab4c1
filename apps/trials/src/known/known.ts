import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Rule } from '../oracle/failure.js';
import type { Plan } from '../plan/plan.js';
import type { Verdict } from '../run/verdict.js';
import { toJson } from './json.js';

/** A failure that is known: a plan that breaks rules today, whole, so that no change of what is drawn changes it. */
export interface Known {
  /** Why, in a sentence. */
  readonly cause: string;
  /** The rules that it breaks, sorted. */
  readonly broken: readonly Rule[];
  readonly plan: Plan;
}

/** All that is known, by name, from a folder with a file `NAME.json` for each. There is no folder where nothing is known. */
export function readKnown(folder: string): Map<string, Known> {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => path.basename(file, '.json'))
    .sort();
  return new Map(names.map((name) => [name, readOne(folder, name)]));
}

/** One of them. */
function readOne(folder: string, name: string): Known {
  return JSON.parse(readFileSync(fileOf(folder, name), 'utf8')) as Known;
}

/** Keeps one more, or the new verdict of one. */
export function writeKnown(folder: string, name: string, known: Known): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(folder, name), toJson(known));
}

/** The rules that a trial has broken, sorted. */
export function brokenRules({ failures }: Verdict): Rule[] {
  return [...new Set(failures.map(({ rule }) => rule))].sort();
}

function fileOf(folder: string, name: string): string {
  return path.join(folder, `${name}.json`);
}
