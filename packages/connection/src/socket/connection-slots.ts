import { createHash } from 'node:crypto';
import { KiteError, MAX_CONNECTIONS_PER_KEY } from '@kite/protocol';

/** Gives a slot back. Calling it again does nothing. */
export type ReleaseSlot = () => void;

/** Counts the connections of each API key. */
export interface ConnectionSlots {
  /** @throws KiteError `KITE_CONNECTION_LIMIT_REACHED` */
  acquire(origin: string, apiKey: string): ReleaseSlot;
}

const REGISTRY = Symbol.for('@kite/connection/slots');

/**
 * Counts for this thread, across duplicated copies of this package: the limit that it guards is itself global. It
 * cannot see other processes or the user's own worker threads; the server counts those. Keyed by the server's origin
 * and a hash of the API key.
 */
export const processSlots: ConnectionSlots = {
  acquire(origin, apiKey) {
    const taken = registry();
    const key = `${origin} ${createHash('sha256').update(apiKey).digest('hex')}`;
    const count = taken.get(key) ?? 0;
    if (count >= MAX_CONNECTIONS_PER_KEY) throw limitReached();
    taken.set(key, count + 1);

    let released = false;
    return () => {
      if (released) return;
      released = true;
      const left = (taken.get(key) ?? 1) - 1;
      if (left > 0) taken.set(key, left);
      else taken.delete(key);
    };
  },
};

function registry(): Map<string, number> {
  const holder = globalThis as { [REGISTRY]?: Map<string, number> };
  return (holder[REGISTRY] = holder[REGISTRY] ?? new Map<string, number>());
}

function limitReached(): KiteError {
  return new KiteError(
    'KITE_CONNECTION_LIMIT_REACHED',
    `this thread already has ${MAX_CONNECTIONS_PER_KEY} connections with this API key, all that Kite allows`,
    { available: 0, requested: 1 },
  );
}
