import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Painter } from '../../src/live-market/screen/painter.js';
import { FakeTerminal } from '../support/fake-terminal.js';

const COLUMNS = 12;
const ROWS = 6;

const picture = fc.array(fc.stringMatching(/^[a-z ]{0,11}$/), { minLength: 1, maxLength: ROWS });

describe('Painter', () => {
  test('leaves on the terminal the last picture alone, whatever pictures came before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(picture, { minLength: 1, maxLength: 6 }), async (pictures) => {
        const terminal = new FakeTerminal(COLUMNS, ROWS);
        const painter = new Painter();
        terminal.stdout.write('what was there before, over several lines');
        for (const one of pictures) terminal.stdout.write(painter.paint(one));
        const expected = pictures.at(-1)!.map((line) => line.trimEnd());
        const shown = await terminal.lines();
        expect(shown.map((line) => line.trimEnd())).toEqual([
          ...expected,
          ...Array.from({ length: ROWS - expected.length }, () => ''),
        ]);
      }),
    );
  });

  test('writes only the lines that changed, and nothing for the same picture', () => {
    const painter = new Painter();
    painter.paint(['one', 'two', 'three']);
    const changes = painter.paint(['one', 'TWO', 'three']);
    expect(changes).toContain('TWO');
    expect(changes).not.toMatch(/one|three/);
    expect(painter.paint(['one', 'TWO', 'three'])).toBe('');
  });

  test('erases nothing of a picture before its successor is over it', () => {
    const painter = new Painter();
    painter.paint(['one', 'two']);
    const changes = painter.paint(['uno', 'due']);
    for (const erasing of ['\u001B[J', '\u001B[2J', '\u001B[2K']) expect(changes).not.toContain(erasing);
  });

  test('writes everything again once it is told to forget', () => {
    const painter = new Painter();
    painter.paint(['one', 'two']);
    painter.forget();
    expect(painter.paint(['one', 'two'])).toMatch(/one.*two/s);
  });
});
