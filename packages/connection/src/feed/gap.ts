import type { Gap } from '@kite/protocol';

/** Both as one, in front of the same data. */
export function joinGaps(before: Gap | undefined, after: Gap): Gap {
  if (!before) return after;
  const { to, reason } = after;
  const joined: Gap = { from: Math.min(before.from, after.from), to, reason };
  if (before.instrumentTokens && after.instrumentTokens)
    joined.instrumentTokens = [...new Set([...before.instrumentTokens, ...after.instrumentTokens])];
  return joined;
}

/** Whether it concerns somebody who wants these instruments alone, or all where there are none named. */
export function concerns({ instrumentTokens }: Gap, tokens: ReadonlySet<number> | undefined): boolean {
  return !tokens || !instrumentTokens || instrumentTokens.some((token) => tokens.has(token));
}
