/** What the simulator reports about its clients. */
export interface ServerView {
  /** Connections that were ever opened. */
  readonly opened: number;
  readonly connections: number;
  readonly requests: number;
  /** Instruments, over all open connections. */
  readonly subscribed: number;
  readonly pingsSent: number;
  readonly pongsReceived: number;
}
