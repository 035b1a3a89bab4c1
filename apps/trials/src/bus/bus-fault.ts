/** What is done to the processes of a trial. `both` kills both collectors, and leaves them down for a while. */
export type BusFaultKind = 'collector' | 'both' | 'program' | 'server' | 'pause';

/** How often each comes, in a hundred. */
const SHARES: readonly (readonly [BusFaultKind, number])[] = [
  ['collector', 45],
  ['both', 5],
  ['program', 20],
  ['server', 15],
  ['pause', 15],
];

/** @param drawn from 0 to 1 */
export function faultOf(drawn: number): BusFaultKind {
  let left = drawn * 100;
  for (const [kind, share] of SHARES) {
    if (left < share) return kind;
    left -= share;
  }
  return 'pause';
}
