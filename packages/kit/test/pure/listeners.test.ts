import { describe, expect, test, vi } from 'vitest';
import { settled } from '@kite/testkit';

import { Listeners } from '../../src/listeners.js';

function setup() {
  const failed = vi.fn();
  return { failed, listeners: new Listeners<{ tick: number; other: string }>(failed) };
}

test('are called in the order in which they came, each for its own event', () => {
  const { listeners } = setup();
  const calls: unknown[] = [];
  listeners.on('tick', (value) => calls.push(['first', value]));
  listeners.on('tick', (value) => calls.push(['second', value]));
  listeners.on('other', (value) => calls.push(['other', value]));
  listeners.emit('tick', 1);
  expect(calls).toEqual([
    ['first', 1],
    ['second', 1],
  ]);
});

describe('one that fails', () => {
  const error = new Error('ha');

  test('by throwing is contained, reported, and the others are called', () => {
    const { listeners, failed } = setup();
    const other = vi.fn();
    listeners.on('tick', () => {
      throw error;
    });
    listeners.on('tick', other);
    listeners.emit('tick', 1);
    expect(failed).toHaveBeenCalledExactlyOnceWith(error, 'tick');
    expect(other).toHaveBeenCalledOnce();
  });

  test('by a promise of another library or realm is contained and reported as well', async () => {
    const { listeners, failed } = setup();
    listeners.on('tick', () => ({
      then: (_: unknown, reject: (cause: unknown) => void) => {
        reject(error);
      },
    }));
    listeners.on('tick', () => ({
      get then(): never {
        throw error;
      },
    }));
    listeners.on('tick', () =>
      Object.assign(() => undefined, {
        then: (_: unknown, reject: (cause: unknown) => void) => {
          reject(error);
        },
      }),
    );
    listeners.emit('tick', 1);
    await settled();
    expect(failed.mock.calls).toEqual([
      [error, 'tick'],
      [error, 'tick'],
      [error, 'tick'],
    ]);
  });

  test('by rejecting is contained and reported as well', async () => {
    const { listeners, failed } = setup();
    listeners.on('tick', async () => {
      throw error;
    });
    listeners.emit('tick', 1);
    await settled();
    expect(failed).toHaveBeenCalledExactlyOnceWith(error, 'tick');
  });

  test('is called again next time', () => {
    const { listeners, failed } = setup();
    listeners.on('tick', () => {
      throw error;
    });
    listeners.emit('tick', 1);
    listeners.emit('tick', 2);
    expect(failed).toHaveBeenCalledTimes(2);
  });
});

describe('stopping', () => {
  test('ends the calls, twice does nothing, and the others go on', () => {
    const { listeners } = setup();
    const [one, two] = [vi.fn(), vi.fn()];
    const stop = listeners.on('tick', one);
    listeners.on('tick', two);
    stop();
    stop();
    listeners.emit('tick', 1);
    expect(one).not.toHaveBeenCalled();
    expect(two).toHaveBeenCalledOnce();
    expect(listeners.has('tick')).toBe(true);
  });

  test('of one that was added twice ends one of the two', () => {
    const { listeners } = setup();
    const listener = vi.fn();
    const stop = listeners.on('tick', listener);
    listeners.on('tick', listener);
    listeners.emit('tick', 1);
    expect(listener).toHaveBeenCalledTimes(2);
    stop();
    listeners.emit('tick', 1);
    expect(listener).toHaveBeenCalledTimes(3);
  });

  test('leaves nobody to be asked', () => {
    const { listeners } = setup();
    expect(listeners.has('tick')).toBe(false);
    listeners.on('tick', vi.fn())();
    expect(listeners.has('tick')).toBe(false);
  });
});

describe('while an event is being told', () => {
  test('one that is added hears the next one first', () => {
    const { listeners } = setup();
    const added = vi.fn();
    const stop = listeners.on('tick', () => {
      listeners.on('tick', added);
    });
    listeners.emit('tick', 1);
    expect(added).not.toHaveBeenCalled();
    stop();
    listeners.emit('tick', 2);
    expect(added).toHaveBeenCalledExactlyOnceWith(2);
  });

  test('one that stops itself does not cost its neighbour the event', () => {
    const { listeners } = setup();
    const neighbour = vi.fn();
    const stop = listeners.on('tick', () => {
      stop();
    });
    listeners.on('tick', neighbour);
    listeners.emit('tick', 1);
    expect(neighbour).toHaveBeenCalledOnce();
  });
});
