/** Everything that chaos does to its clients and counts as a fault. */
export const FAULT_KINDS = [
  // The server.
  ...(['drop', 'close', 'stall', 'blackhole', 'lag', 'burst', 'server-restart', 'slow-handshake'] as const),
  ...(['refuse-400', 'refuse-403', 'refuse-429', 'refuse-5xx', 'account-down', 'tokens-expire'] as const),
  // The way.
  ...([
    'truncate',
    'corrupt',
    'link-down',
    'link-blackhole',
    'peer-vanishes',
    'netem-delay',
    'netem-loss',
  ] as const),
  // The client's process.
  ...(['main-stall', 'worker-kill', 'worker-crash', 'worker-hang'] as const),
  // The program.
  ...(['credentials', 'subscribe', 'unsubscribe', 'mode'] as const),
  ...(['consumer-comes', 'slow-consumer-comes', 'consumer-goes'] as const),
] as const;

/** The name of a kind. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Skipped kinds, and why. */
export type Skipped = ReadonlyMap<FaultKind, string>;

/** The kinds that need their own network. */
export const NETWORK_KINDS: readonly FaultKind[] = ['link-down', 'link-blackhole', 'peer-vanishes'];

/** The kinds that also need `netem`. */
export const NETEM_KINDS: readonly FaultKind[] = ['netem-delay', 'netem-loss'];
