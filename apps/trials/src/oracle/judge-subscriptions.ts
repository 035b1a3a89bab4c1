import type { Mode } from '@kite/protocol';
import type { SimulatedConnection } from '@kite/simulator';

/** How the server's subscriptions differ from what is wanted; undefined: they do not. */
export function differenceOf(
  wanted: ReadonlyMap<number, Mode>,
  connections: readonly SimulatedConnection[],
  copies: number,
): string | undefined {
  const held = new Map<number, Mode[]>();
  for (const { book } of connections)
    for (const [token, mode] of book) held.set(token, [...(held.get(token) ?? []), mode]);
  for (const [token, mode] of wanted) {
    const modes = held.get(token) ?? [];
    if (modes.length !== copies) return `${token} is held ${modes.length} times, not ${copies}`;
    if (modes.some((one) => one !== mode)) return `${token} is held in ${modes.join(', ')}, not in ${mode}`;
  }
  for (const token of held.keys()) if (!wanted.has(token)) return `${token} is held, and not wanted`;
  return undefined;
}
