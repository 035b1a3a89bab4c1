import { describe, expect, test } from 'vitest';
import { KiteError, KiteInputError } from '@kite/manager';
import { NATS_ERRORS } from '@kite/nats';

import { failureOf } from '../../src/kit/failure.js';

describe('a failure', () => {
  test('says what happened, what to do, and its code, and ends with 1', () => {
    const { text, exitCode } = failureOf(new KiteError('KITE_CONNECTION_UNAUTHORIZED', 'it said 403'));
    expect(exitCode).toBe(1);
    expect(text).toMatch(/^it said 403\nLog in .*\n\(KITE_CONNECTION_UNAUTHORIZED\)$/s);
  });

  test.each([
    'KITE_PROTOCOL_UNKNOWN_INSTRUMENT',
    'KITE_INSTRUMENTS_LOAD_FAILED',
    'KITE_SIMULATOR_LISTEN_FAILED',
    'KITE_MANAGER_CAPACITY',
  ] as const)('has a cure for %s, whose package every example uses', (code) => {
    expect(failureOf(new KiteError(code, 'it failed')).text).toMatch(/^it failed\n.{20,}\n\(KITE_\w+\)$/);
  });

  test('has the cures of a further package when it is given them', () => {
    const error = new KiteError('KITE_NATS_SERVER_TOO_OLD', 'it is 2.10');
    expect(failureOf(error, NATS_ERRORS).text).toContain('Update the server.');
    expect(failureOf(error).text).toBe('it is 2.10\n(KITE_NATS_SERVER_TOO_OLD)');
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
