import type { Session } from './session.js';

/**
 * Chooses open connections: one by its `id`, or an account's by `apiKey` or `userId`. A number is an id, a string an
 * api key or a user id. Default: all.
 */
export type ConnectionSelector =
  number | string | { readonly id?: number; readonly apiKey?: string; readonly userId?: string };

/** Whether the selector chooses this session. */
export function selects(selector: ConnectionSelector | undefined, session: Session): boolean {
  const { id, account } = session;
  if (selector === undefined) return true;
  if (typeof selector === 'number') return id === selector;
  if (typeof selector === 'string') return account.apiKey === selector || account.userId === selector;
  return (
    (selector.id ?? id) === id &&
    (selector.apiKey ?? account.apiKey) === account.apiKey &&
    (selector.userId ?? account.userId) === account.userId
  );
}
