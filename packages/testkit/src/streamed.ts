interface Server<Mode> {
  readonly connections: readonly { readonly book: ReadonlyMap<number, Mode> }[];
}

/** What a server streams, over all connections: each instrument with its mode. */
export function streamed<Mode>(server: Server<Mode>): Map<number, Mode> {
  return new Map(server.connections.flatMap(({ book }) => [...book]));
}

/** A map's entries by token: two that print the same hold the same. */
export function sorted<V>(byToken: Iterable<readonly [number, V]>): [number, V][] {
  return [...byToken].map(([token, value]): [number, V] => [token, value]).sort(([a], [b]) => a - b);
}
