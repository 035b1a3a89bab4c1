import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import { readPatch } from '../../src/mutants/patch.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const folder = path.join(root, 'apps/trials/mutants');
const files = readdirSync(folder).filter((file) => file.endsWith('.patch'));

/** Git applies a patch to its checkout, whatever folder it is in: without one it would look at files that are not ours. */
const isCheckout = existsSync(path.join(root, '.git'));

describe('the mutants', () => {
  test.skipIf(!isCheckout).each(files)('%s applies to a clean tree', (file) => {
    execFileSync('git', ['apply', '--check', path.join(folder, file)], { cwd: root });
  });

  test.each(files)('%s says what it breaks, and changes packages only', (file) => {
    const { breaks, changes } = readPatch(path.join(folder, file));
    expect(breaks).not.toBe('');
    for (const changed of changes) expect(changed).toMatch(/^packages\/[\w-]+\/src\//);
  });
});
