import type { Instruments } from '@kite/instruments';

/** How many queries there are. */
const QUERIES = 1000;

/** Searches that people type, made from a list: the same for the same list. */
export function queriesOf(list: Instruments): string[] {
  const instruments = [...list];
  const queries: string[] = [];
  for (let index = 0; queries.length < QUERIES; index++) {
    const { tradingsymbol, name, strike, instrumentType, exchange } =
      instruments[(index * 7919) % instruments.length]!;
    const kinds = [
      tradingsymbol!,
      tradingsymbol!.slice(0, 1 + (index % 5)),
      name!.toLowerCase(),
      name!.split(' ').at(-1)!.slice(0, 4),
      `${name!.slice(0, 4)} ${strike!} ${instrumentType!}`,
      `${name!} ${instrumentType!.toLowerCase()} dec`,
      `${exchange!}:${name!.slice(0, 3)}`,
      tradingsymbol!.slice(1, 5),
      `${name!} zzz`,
      `zq${tradingsymbol!.slice(2, 6)}`,
    ];
    queries.push(kinds[index % kinds.length]!);
  }
  return queries;
}
