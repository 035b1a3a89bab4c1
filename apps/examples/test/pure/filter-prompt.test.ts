import { describe, expect, test } from 'vitest';

import { FilterPrompt } from '../../src/live-market/screen/filter-prompt.js';

const typed = (prompt: FilterPrompt, text: string) => {
  for (const sequence of text) prompt.press({ sequence });
};

describe('FilterPrompt', () => {
  test('takes what is typed, the letters that are keys elsewhere too, and takes the last one back', () => {
    const prompt = new FilterPrompt('');
    typed(prompt, 'nifty 5q?');
    expect(prompt.text).toBe('nifty 5q?');
    prompt.press({ name: 'backspace', sequence: '\u007F' });
    expect(prompt.text).toBe('nifty 5q');
    expect(prompt.isOpen).toBe(true);
  });

  test('Enter keeps it, and Escape clears it', () => {
    const kept = new FilterPrompt('inf');
    kept.press({ name: 'return', sequence: '\r' });
    expect(kept).toMatchObject({ text: 'inf', isOpen: false });
    const cleared = new FilterPrompt('inf');
    cleared.press({ name: 'escape', sequence: '\u001B' });
    expect(cleared).toMatchObject({ text: '', isOpen: false });
  });

  test('leaves out what cannot be seen, and whatever is longer than any symbol', () => {
    const prompt = new FilterPrompt('');
    prompt.press({ name: 'up', sequence: '\u001B[A' });
    prompt.press({ name: 'tab', sequence: '\t' });
    prompt.press({ name: 'a', sequence: '\u0001', ctrl: true });
    expect(prompt.text).toBe('');
    typed(prompt, 'x'.repeat(100));
    expect(prompt.text).toHaveLength(30);
  });
});
