/**
 * The beginning of a list, for a text: `408065, 738561, … (40 in all)`.
 *
 * @param nameOf the name of an item; an item without one is shown itself
 */
export function listed<Item>(
  items: readonly Item[],
  most: number,
  nameOf: (item: Item) => string | undefined = () => undefined,
): string {
  const shown = items.slice(0, most).map((item) => nameOf(item) ?? String(item));
  if (items.length > most) shown.push(`… (${items.length} in all)`);
  return shown.join(', ');
}
