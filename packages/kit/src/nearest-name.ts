/** How much of the longer name may differ; a more distant suggestion would not help. */
const MOST_EDITS = 0.4;

/** The known name with the fewest edits, ignoring case; undefined if more than two letters in five differ. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = Infinity;
  for (const candidate of known) {
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase());
    const most = MOST_EDITS * Math.max(name.length, candidate.length);
    if (edits <= most && edits < fewest) [nearest, fewest] = [candidate, edits];
  }
  return nearest;
}

/** Letters added, omitted or replaced, and neighbours swapped, like most typing mistakes. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? before[j - 2]! + 1 : Infinity;
      next.push(Math.min(substitute, swap, row[j]! + 1, next[j - 1]! + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
