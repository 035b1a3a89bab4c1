import type { Key } from 'node:readline';
import type { ChannelId } from '@kite/manager';

import type { Faults } from '../../feed/faults.js';

/** What a key asks for. */
export type Action =
  | 'quit'
  | keyof Faults
  | { readonly choose: ChannelId }
  | { readonly scroll: 'line' | 'page'; readonly by: -1 | 1 };

const ACTIONS: Readonly<Record<string, Action>> = {
  q: 'quit',
  d: 'drop',
  s: 'stall',
  o: 'outage',
  1: { choose: 0 },
  2: { choose: 1 },
  3: { choose: 2 },
  up: { scroll: 'line', by: -1 },
  down: { scroll: 'line', by: 1 },
  pageup: { scroll: 'page', by: -1 },
  pagedown: { scroll: 'page', by: 1 },
};

/** The action of a key, undefined for keys that mean nothing. A terminal in raw mode leaves Ctrl-C to the program. */
export function actionOf({ name, ctrl }: Key): Action | undefined {
  if (ctrl) return name === 'c' ? 'quit' : undefined;
  return name !== undefined && Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
}
