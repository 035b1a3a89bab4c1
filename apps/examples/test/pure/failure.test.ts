import { describe, expect, test } from 'vitest';
import { KiteError, KiteInputError } from '@kite/manager';

import { failureOf } from '../../src/kit/failure.js';

describe('a failure', () => {
  test('says what happened, what to do, and its code, and ends with 1', () => {
    const { text, exitCode } = failureOf(new KiteError('KITE_CONNECTION_UNAUTHORIZED', 'it said 403'));
    expect(exitCode).toBe(1);
    expect(text).toMatch(/^it said 403\nLog in .*\n\(KITE_CONNECTION_UNAUTHORIZED\)$/s);
  });

  test('ends with 2 where the input is what was wrong', () => {
    const refused = { field: 'url', value: 'x', allowed: 'y' };
    expect(failureOf(new KiteInputError('KITE_CONNECTION_LOST', refused)).exitCode).toBe(2);
  });

  test('shows the stack of an error that is a bug', () => {
    expect(failureOf(new TypeError('oops'))).toMatchObject({
      text: expect.stringMatching(/oops\n +at /) as string,
      exitCode: 1,
    });
    expect(failureOf('oops')).toEqual({ text: 'oops', exitCode: 1 });
  });
});
