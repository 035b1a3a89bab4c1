import type { SocketLog } from '../run/wire-log.js';
import type { Failure } from './failure.js';
import type { Pauses } from './pauses.js';

/** An access token, and when the program got it. */
export interface TokenGiven {
  readonly apiKey: string;
  readonly accessToken: string;
  /** Virtual milliseconds since the trial began. */
  readonly at: number;
}

/** Time for a token to pass through threads and a function call. */
const MOMENT_MS = 1000;

/** Judges that each socket was dialled with the newest token that the program had given, or could have. */
export function judgeTokens(
  sockets: readonly SocketLog[],
  given: readonly TokenGiven[],
  pauses: Pauses,
): Failure[] {
  const failures: Failure[] = [];
  for (const { apiKey, accessToken, dialledAt } of sockets) {
    const mine = given.filter((one) => one.apiKey === apiKey);
    // The program may give the same token again.
    const last = mine.map((one) => one.accessToken).lastIndexOf(accessToken);
    const replacedAt = mine[last + 1]?.at ?? Infinity;
    if (replacedAt + MOMENT_MS + pauses.between(replacedAt, dialledAt) >= dialledAt) continue;
    // If the main thread does not answer, an I/O worker tries the last good token.
    if (pauses.awakeAt(dialledAt) > dialledAt) continue;
    const text = `dialled at ${dialledAt} with a token that was replaced at ${replacedAt}`;
    failures.push({ rule: 'stale-token', at: dialledAt, text });
  }
  return failures;
}
