/** The rules of the oracle, by what it means to break one. */
export const RULES = {
  lost: 'a state that the server sent was not delivered, and no gap or drop says so',
  repeated: 'a state was delivered more often than it was sent',
  'turned-back': 'an older state was delivered after a newer one',
  invented: 'something was delivered that was never sent',
  'origin-wrong': 'ticks name another account, connection or time than they came with',
  'gap-short': 'a gap does not cover the time in which nothing came',
  'gap-missing': 'an instrument came over another connection than before, and no gap was reported',
  'gap-wrong': 'a gap covers a time in which its instrument came',
  'drop-misplaced': 'dropped ticks were counted, and not where they are missing',
  'drop-source': 'dropped ticks were counted for another connection than the one that brought them',
  'drop-overcounted': 'more was told as dropped than was lost',
  'state-wrong': 'a state of a connection was told that it was not in, or told again',
  'reconnect-unpaced': 'a lost connection was dialled again too early, or too late',
  stale: 'the newest tick of an instrument did not come, or something older stands in its place',
  policy: 'a slow consumer lost something else than its policy says',
  'order-lost': 'an order that reached the client was not delivered',
  'order-repeated': 'an order was delivered more than once',
  'subscriptions-differ': 'nothing is under way, and the server streams something else than what is wanted',
  'not-streaming': 'after the faults not everything streams again in time',
  'moved-to-down': 'an instrument is on a connection that is down, and another one is open and has room',
  'badly-spread': 'after an outage of everything, instruments are not spread over all connections',
  'health-wrong': 'nothing is under way, and the health says something else than the server knows',
  'stats-wrong': 'a statistic says something else than has happened',
  'silent-wrong': 'nothing is under way, and the silent instruments are others than the server knows',
  'stale-token': 'a connection was dialled with a token that had been replaced',
  'secret-shown': 'a credential is in something that is shown',
  'left-over': 'a timer, a socket or a promise is left after stop()',
  'does-not-settle': 'a call, or the trial itself, does not come to an end',
  threw: 'something was thrown that no documentation announces',
} as const;

/** The name of a rule. */
export type Rule = keyof typeof RULES;

/** One breach of a rule. */
export interface Failure {
  readonly rule: Rule;
  /** Virtual milliseconds since the trial began. */
  readonly at: number;
  readonly consumer?: string;
  readonly instrument?: number;
  /** For people. */
  readonly text: string;
}
