/** What a trial runs: how many accounts, how often each instrument is held, and where the connections live. */
export interface Scenario {
  readonly accounts: number;
  readonly replicas: number;
  /** In the I/O worker, in process and in virtual time; else in the main thread. */
  readonly worker: boolean;
  /** Parts of the program share the feed: see `manager.subscriber()`. */
  readonly subscribers?: true;
}

/** Every scenario by name. Without one named, seeds are shared out over all of them. */
export const SCENARIOS = {
  'one-inline': { accounts: 1, replicas: 1, worker: false },
  'one-worker': { accounts: 1, replicas: 1, worker: true },
  three: { accounts: 3, replicas: 1, worker: false },
  'three-replicas-2': { accounts: 3, replicas: 2, worker: false },
  'three-replicas-3': { accounts: 3, replicas: 3, worker: false },
  'three-replicas-2-worker': { accounts: 3, replicas: 2, worker: true },
  'one-subscribers': { accounts: 1, replicas: 1, worker: true, subscribers: true },
  'three-subscribers': { accounts: 3, replicas: 1, worker: false, subscribers: true },
  'three-subscribers-replicas': { accounts: 3, replicas: 2, worker: false, subscribers: true },
} satisfies Record<string, Scenario>;

/** The name of a scenario. */
export type ScenarioName = keyof typeof SCENARIOS;

/** The scenario of `src/bus-day`: programs that share a feed over a bus in memory. Seeds go to it only where it is named. */
export const BUS = 'bus';

/** Everything that a seed can be run in. */
export type TrialName = ScenarioName | typeof BUS;

/** All names, in a fixed order. */
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[];

/** The same, and the bus. */
export const TRIAL_NAMES: readonly TrialName[] = [...SCENARIO_NAMES, BUS];
