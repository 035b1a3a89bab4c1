import type { Gap } from '@kite/protocol';

/** Joins two gaps in front of the same data. */
export function joinGaps(before: Gap | undefined, after: Gap): Gap {
  if (!before) return after;
  // The later gap may have begun earlier: with replicas that came too late.
  const joined: Gap = {
    from: Math.min(before.from, after.from),
    to: Math.max(before.to, after.to),
    reason: after.reason,
  };
  if (before.instrumentTokens && after.instrumentTokens)
    joined.instrumentTokens = [...new Set([...before.instrumentTokens, ...after.instrumentTokens])];
  return joined;
}

/** Whether the gap concerns a reader of these instruments (undefined: of all). A gap that names none concerns all. */
export function concerns({ instrumentTokens }: Gap, tokens: ReadonlySet<number> | undefined): boolean {
  return !tokens || !instrumentTokens || instrumentTokens.some((token) => tokens.has(token));
}

/** Splits a gap into that of these instruments and that of the others; a gap of all instruments stays whole. */
export function parted(gap: Gap, tokens: ReadonlySet<number>): { of?: Gap; rest?: Gap } {
  const { instrumentTokens } = gap;
  if (!instrumentTokens) return { rest: gap };
  const of = instrumentTokens.filter((token) => tokens.has(token));
  const rest = instrumentTokens.filter((token) => !tokens.has(token));
  return {
    ...(of.length > 0 && { of: { ...gap, instrumentTokens: of } }),
    ...(rest.length > 0 && { rest: { ...gap, instrumentTokens: rest } }),
  };
}
