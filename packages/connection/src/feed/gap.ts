/** A stretch of time in which nothing was received. */
export interface Gap {
  /** The last sign of data before it, Unix milliseconds. */
  from: number;
  /** When the connection was open again, or the instruments came to this one; Unix milliseconds. */
  to: number;
  /** For people: why the connection was lost. */
  reason: string;
  /**
   * Whom it concerns: instruments that came to this connection from one that was lost, by failover. Absent after a
   * reconnect: all that the connection holds.
   */
  instrumentTokens?: readonly number[];
}

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
