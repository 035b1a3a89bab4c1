import { expect, test } from 'vitest';

import { BuildProgress } from '../../src/launcher/build-progress.js';

const PRINTED = `
 NX   Running target prepare for project kite-examples and 3 tasks it depends on:

> nx run @kite/calendar:build  [local cache]

CLI Building entry: src/index.ts

> nx run @kite/protocol:build

> nx run @kite/raw:build
`;

test('how far a build is can be read of what Nx prints, in whatever pieces it comes', () => {
  for (const size of [1, 7, PRINTED.length]) {
    const progress = new BuildProgress();
    const told: string[] = [];
    for (let at = 0; at < PRINTED.length; at += size) {
      const news = progress.read(PRINTED.slice(at, at + size));
      if (news !== undefined) told.push(news);
    }
    expect(told.at(-1)).toBe('3 of 3: @kite/raw');
    if (size === 1)
      expect(told).toEqual(['1 of 3: @kite/calendar', '2 of 3: @kite/protocol', '3 of 3: @kite/raw']);
  }
});

test('a build that does not say how much there is tells nothing', () => {
  expect(new BuildProgress().read('> nx run @kite/raw:build\n')).toBeUndefined();
});
