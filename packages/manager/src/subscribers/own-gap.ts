import type { Gap, Mode } from '@kite/protocol';

import type { SourceTag } from '../connection-parts.js';

/** Whether a source streams an instrument. */
export type IsHeldBy = (source: SourceTag, token: number) => boolean;

/** Whether the source streams any of these instruments. */
export function holdsAny(isHeldBy: IsHeldBy, source: SourceTag, modes: ReadonlyMap<number, Mode>): boolean {
  for (const token of modes.keys()) if (isHeldBy(source, token)) return true;
  return false;
}

/** The part of a gap that concerns these instruments; undefined: none. */
export function ownGap<G extends Gap>(
  gap: G,
  source: SourceTag,
  modes: ReadonlyMap<number, Mode>,
  isHeldBy: IsHeldBy,
): G | undefined {
  const { instrumentTokens } = gap;
  if (!instrumentTokens) return holdsAny(isHeldBy, source, modes) ? gap : undefined;
  const own = instrumentTokens.filter((token) => modes.has(token));
  return own.length > 0 ? { ...gap, instrumentTokens: own } : undefined;
}
