/** The rules of the oracle, by what it means to break one. */
export const RULES = {
  lost: 'a state that the server sent was not delivered, and no gap or drop says so',
  repeated: 'a state was delivered more often than it was sent',
  'turned-back': 'an older state was delivered after a newer one',
  invented: 'something was delivered that was never sent',
  'drop-late': 'ticks were lost, and that was not told before newer ones',
  'drop-overcounted': 'more was told as dropped than was lost',
  'origin-wrong': 'ticks name another account, connection or time than they came with',
  'gap-short': 'a gap does not cover the time in which nothing came',
  'gap-missing': 'a connection came back, and no gap was reported',
  'state-wrong': 'a state of a connection was told that it was not in, or told again',
  'reconnect-unpaced': 'a lost connection was dialled again too early, or too late',
  stale: 'the newest tick of an instrument did not come, or something older stands in its place',
  'order-lost': 'an order that reached the client was not delivered',
  'order-repeated': 'an order was delivered more than once',
  'subscriptions-differ': 'the server streams something else than what is wanted',
  'not-streaming': 'after the faults not everything streams again in time',
  'moved-to-down': 'an instrument is on a connection that is down, and another one is open and has room',
  'health-wrong': 'the health says something else than the server knows',
  'secret-shown': 'a credential is in something that is shown',
  'left-over': 'a timer, a socket or a promise is left after stop()',
  'does-not-settle': 'a call does not settle in its time',
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
