import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Rule } from '../oracle/failure.js';
import { TrialProcess } from '../run/trial-process.js';
import type { TrialRequest } from '../seeds-child.js';
import type { CoreBuild } from './core-build.js';

/**
 * The rules that the core breaks without any mutant. Each seed is run when it is first asked for, and remembered in a file
 * for as long as the program stays the same.
 */
export class CleanCore {
  readonly #build: CoreBuild;
  readonly #file: string;
  readonly #rules: Record<string, readonly Rule[]>;
  readonly #idle: TrialProcess[] = [];

  /** @param cacheFolder where verdicts are remembered */
  constructor(build: CoreBuild, cacheFolder: string) {
    this.#build = build;
    this.#file = path.join(cacheFolder, `clean-core-${build.hash}.json`);
    mkdirSync(cacheFolder, { recursive: true });
    this.#rules = readJson(this.#file);
  }

  get hash(): string {
    return this.#build.hash;
  }

  async rulesBrokenIn(request: TrialRequest): Promise<readonly Rule[]> {
    const key = `${request.scenario} ${request.seed}`;
    const known = this.#rules[key];
    if (known) return known;
    const process = this.#idle.pop() ?? new TrialProcess(this.#build.folder);
    const { failures } = await process.run(request);
    this.#idle.push(process);
    const rules = [...new Set(failures.map(({ rule }) => rule))];
    this.#rules[key] = rules;
    writeFileSync(this.#file, JSON.stringify(this.#rules));
    return rules;
  }

  end(): void {
    for (const process of this.#idle.splice(0)) process.end();
    this.#build.remove();
  }
}

function readJson(file: string): Record<string, readonly Rule[]> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, readonly Rule[]>;
  } catch {
    // There is none yet.
    return {};
  }
}
