import { createContext, runInContext } from 'node:vm';
import { beforeAll, describe, expect, test } from 'vitest';
import * as kite from '@kite/protocol';

import { bundleForBrowser } from '../support/bundle.js';
import { decodeAll } from '../support/decode-all.js';
import { sampleFrames } from '../support/sample-frames.js';

let bundle: string;
beforeAll(async () => {
  bundle = await bundleForBrowser();
});

/** A realm with the language alone: no process, no Buffer, no console, no timers, no Web API. */
function bareContext() {
  const context = createContext(Object.create(null) as object);
  const evaluate = (code: string): unknown => runInContext(code, context);
  evaluate('delete globalThis.console'); // V8 puts its own into every realm
  return { evaluate };
}

describe('where there is nothing but the language', () => {
  test('the realm of this test has no global of Node or of the Web', () => {
    const { evaluate } = bareContext();
    const names = [
      'process',
      'Buffer',
      'require',
      'console',
      'setTimeout',
      'TextDecoder',
      'crypto',
      'performance',
    ];
    expect(names.filter((name) => evaluate(`typeof ${name}`) !== 'undefined')).toEqual([]);
  });

  test('the package decodes, encodes and refuses as it does in Node', () => {
    const { evaluate } = bareContext();
    evaluate(bundle);
    const frames = sampleFrames();
    const there = evaluate(`(${decodeAll.toString()})(kite, ${JSON.stringify(frames)})`);
    expect(JSON.parse(there as string)).toEqual(JSON.parse(decodeAll(kite, frames)));
  });

  test('the package leaves one global: its own name', () => {
    const { evaluate } = bareContext();
    const before = evaluate('Object.getOwnPropertyNames(globalThis)') as string[];
    evaluate(bundle);
    const after = evaluate('Object.getOwnPropertyNames(globalThis)') as string[];
    expect(after.filter((name) => !before.includes(name))).toEqual(['kite']);
  });
});
