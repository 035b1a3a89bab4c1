/** Up to this many places are sorted; more are marked, which visits every place of the list. */
const FEW = 1024;

/** Merges the places of several ordered lists, in order. */
export function inOrder(lists: readonly Uint32Array[], placeCount: number): Iterable<number> {
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  if (count > FEW) return marked(lists, placeCount);
  const all = new Uint32Array(count);
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort();
}

function* marked(lists: readonly Uint32Array[], placeCount: number): Generator<number> {
  const marks = new Uint8Array(placeCount);
  for (const list of lists) for (const place of list) marks[place] = 1;
  for (let place = marks.indexOf(1); place >= 0; place = marks.indexOf(1, place + 1)) yield place;
}
