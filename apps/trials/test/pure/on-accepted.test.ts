import { expect, test } from 'vitest';
import type { Simulator } from '@kite/simulator';

import { onAccepted } from '../../src/run/on-accepted.js';

test('a client that left before its handshake was answered is not taken for the one whose connection opened last', () => {
  const listeners = new Map<string, (event: object) => void>();
  const simulator = {
    on: (type: string, listener: (event: object) => void) => {
      listeners.set(type, listener);
      return () => listeners.delete(type);
    },
  } as unknown as Simulator;
  const accepted: [string, number][] = [];
  onAccepted(simulator, (...pair) => accepted.push(pair));
  const tell = (type: string, event: object): void => listeners.get(type)!(event);

  tell('open', { connection: { id: 7 } });
  tell('handshake', { status: 101, userAgent: 'first' });
  tell('handshake', { status: 101, userAgent: 'left' });
  tell('handshake', { status: 403, userAgent: 'refused' });
  tell('open', { connection: { id: 8 } });
  tell('handshake', { status: 101, userAgent: 'second' });

  expect(accepted).toEqual([
    ['first', 7],
    ['second', 8],
  ]);
});
