import { describe, expect, test } from 'vitest';
import { SocketBench } from '@kite/testkit';

class Bench extends SocketBench<{ stop(): Promise<void> }, string> {
  readonly log: string[];

  constructor(log: string[]) {
    super({ stop: async () => void log.push('stop') });
    this.log = log;
  }

  open(name: string): string {
    return this.keep(name);
  }

  protected override async end(name: string): Promise<void> {
    await Promise.resolve();
    this.log.push(`end ${name}`);
  }
}

describe('a bench', () => {
  test('ends all that was opened, and then its server', async () => {
    const log: string[] = [];
    {
      await using bench = new Bench(log);
      bench.open('a');
      bench.open('b');
      expect(log).toEqual([]);
    }
    expect(log).toEqual(['end a', 'end b', 'stop']);
  });

  test('fails where a promise was rejected that nobody handled, and stops all the same', async () => {
    const bench = new Bench([]);
    bench.open('a');
    process.emit('unhandledRejection', new Error('lost'), Promise.resolve());
    await expect(bench[Symbol.asyncDispose]()).rejects.toThrow('lost');
    expect(bench.log).toEqual(['end a', 'stop']);
  });
});
