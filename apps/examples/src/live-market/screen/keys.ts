import type { Key } from 'node:readline';
import type { ChannelId } from '@kite/manager';

import type { Faults } from '../faults.js';

/** What a key asks for. */
export type Action =
  | 'quit'
  | 'help'
  | 'filter'
  | 'order'
  | 'back'
  | keyof Faults
  | { readonly choose: ChannelId }
  | { readonly scroll: 'line' | 'page' | 'all'; readonly by: -1 | 1 };

const ACTIONS: Readonly<Record<string, Action>> = {
  q: 'quit',
  '?': 'help',
  '/': 'filter',
  c: 'order',
  escape: 'back',
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
  home: { scroll: 'all', by: -1 },
  end: { scroll: 'all', by: 1 },
};

/** The action of a key, undefined for unused keys. A terminal in raw mode leaves Ctrl-C to the program. */
export function actionOf({ name, sequence, ctrl }: Key): Action | undefined {
  if (ctrl) return name === 'c' ? 'quit' : undefined;
  // Signs have no name, only a sequence.
  const key = name ?? sequence;
  return key !== undefined && Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : undefined;
}
