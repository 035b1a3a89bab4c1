import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';

import { parseArguments } from '../../src/live-market/arguments.js';

describe('the command line', () => {
  let stderr: MockInstance<typeof process.stderr.write>;

  beforeEach(() => {
    stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => stderr.mockRestore());

  const refusal = (...argv: string[]): string => {
    expect(() => parseArguments(argv)).toThrow();
    return stderr.mock.calls.map(([text]) => String(text)).join('');
  };

  test('may be empty', () => {
    expect(parseArguments([])).toEqual({});
  });

  test('takes what it names, and each token once', () => {
    const argv = [
      '--seconds',
      '0.5',
      '--tokens',
      '1, 4294967295,1',
      '--fault',
      'drop@2',
      '--fault',
      'stall:3@3.5',
    ];
    expect(parseArguments([...argv, '--url', 'wss://example.com/', '--plain'])).toEqual({
      seconds: 0.5,
      tokens: [1, 4294967295],
      fault: [
        { name: 'drop', channelId: 0, seconds: 2 },
        { name: 'stall', channelId: 2, seconds: 3.5 },
      ],
      url: 'wss://example.com/',
      plain: true,
    });
  });

  test.each(['', '0', '-1', 'soon', 'NaN', 'Infinity', '1e9'])('refuses %j seconds', (text) => {
    expect(refusal('--seconds', text)).toContain('It must be a number above 0');
  });

  test.each(['', 'INFY', '0', '-5', '1.5', '1e3', '4294967296', '256265,,5', '256265,'])(
    'refuses the tokens %j, and says what a token is',
    (text) => {
      expect(refusal('--tokens', text)).toContain('they are integers such as 256265');
    },
  );

  test('refuses more instruments than three connections have room for, and says how many that is', () => {
    const tokens = Array.from({ length: 9001 }, (_, index) => index + 1).join(',');
    expect(refusal('--tokens', tokens)).toContain('These are 9001; three connections have room for 9000.');
  });

  test.each(['drop', 'drop@', 'melt@2', 'drop@0', 'stall@soon', 'drop:4@1', 'drop:@1'])(
    'refuses the fault %j',
    (text) => {
      expect(refusal('--fault', text)).toMatch(/Use drop@5, stall@5 or outage@5|above 0/);
    },
  );

  test.each([
    ['--connections', '4', '1 to 3'],
    ['--connections', '0', '1 to 3'],
    ['--connections', '1.5', '1 to 3'],
    ['--instruments', '9001', '1 to 9000'],
    ['--instruments', '', '1 to 9000'],
  ])('refuses %s %j', (option, text, allowed) => {
    expect(refusal(option, text)).toContain(`a whole number from ${allowed}`);
  });

  test('refuses what it does not know, and points to the help', () => {
    expect(refusal('now')).toContain('--help');
    expect(refusal('--colour')).toContain('unknown option');
  });
});
