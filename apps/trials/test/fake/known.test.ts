import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

import { brokenRules, readKnown } from '../../src/known/known.js';
import { runTrial } from '../../src/run/run-trial.js';

const known = [...readKnown(fileURLToPath(new URL('../../known/', import.meta.url)))];

test('each known failure says why in a sentence, and breaks a rule', () => {
  for (const [name, { cause, broken }] of known) {
    expect(cause, name).toMatch(/^[A-Z].+\.$/);
    expect(broken, name).not.toEqual([]);
  }
});

for (const [name, { broken, plan }] of known)
  test(`the known failure ${name} breaks the rules that it is known to break, and no other`, async () => {
    const hint = `the verdict of ${name} has changed: update or delete the file in the same commit`;
    expect(brokenRules(await runTrial(plan)), hint).toEqual(broken);
  });
