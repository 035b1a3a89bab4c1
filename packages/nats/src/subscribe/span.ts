/** A time, Unix milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The spans less the time between `from` and `to`. */
export function without(spans: readonly Span[], { from, to }: Span): Span[] {
  if (from > to) return [...spans];
  return spans.flatMap((span) => {
    if (to < span.from || from > span.to) return [span];
    const before = { from: span.from, to: from };
    const after = { from: to, to: span.to };
    return [...(before.from < before.to ? [before] : []), ...(after.from < after.to ? [after] : [])];
  });
}
