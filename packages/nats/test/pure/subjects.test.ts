import { describe, expect, test } from 'vitest';
import { shardOf, Subjects } from '@kite/nats';
import { INFY, instruments, NIFTY, RELIANCE } from '@kite/testkit';

describe('subjects', () => {
  test('are refused for a prefix that would reach into others', () => {
    for (const prefix of ['', 'a.b', '*', '>', 'a b', '$SYS', 'é', 'a'.repeat(65)])
      expect(() => new Subjects(prefix), prefix).toThrow(
        'allowed: letters, digits, - and _, 1 to 64 of them',
      );
    for (const shards of [0, -1, 1.5, 257, NaN])
      expect(() => new Subjects('kite', shards), String(shards)).toThrow('allowed: an integer from 1 to 256');
  });

  test('keep their form whatever the name of an account is', () => {
    const subjects = new Subjects();
    expect(subjects.orders('family.one > *')).toBe('kite.o.family=2eone=20=3e=20=2a');
    expect(subjects.orders('a=2e')).not.toBe(subjects.orders('a.'));
    expect(subjects.orders('घर')).toBe('kite.o.=e0=a4=98=e0=a4=b0');
  });

  test('of ticks have shard, segment and token: the vectors of the README', () => {
    const subjects = new Subjects();
    expect([INFY, RELIANCE, NIFTY, 0xffff_ffff].map((token) => subjects.tick(token))).toMatchInlineSnapshot(`
      [
        "kite.t.6.1.408065",
        "kite.t.13.1.738561",
        "kite.t.10.9.256265",
        "kite.t.3.255.4294967295",
      ]
    `);
    expect(new Subjects('desk', 1).tick(INFY)).toBe(`desk.t.0.1.${INFY}`);
  });

  test('spread instruments over the shards evenly', () => {
    const counts = new Array<number>(16).fill(0);
    for (const token of instruments(9000)) counts[shardOf(token, 16)]!++;
    expect(Math.min(...counts)).toBeGreaterThan(450);
    expect(Math.max(...counts)).toBeLessThan(680);
  });
});
