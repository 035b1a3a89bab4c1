/** How many of a list come first and fulfil the condition. The list is in order: after one that does not, none does. */
export function countWhile<T>(list: readonly T[], isMeant: (one: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isMeant(list[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
