/** What a feed over the bus has received. */
export interface BusFeedStats {
  /** Whether the NATS server can be reached. */
  isConnected: boolean;
  /** Instruments that are subscribed. */
  symbolCount: number;
  /** Names of the publishers at work. */
  publishers: string[];
  /** Ticks delivered. */
  ticksReceived: number;
  /** Packets received before, sent again, or from a second publisher of the same instrument. */
  repeats: number;
  /** Messages that are not in this package's format. */
  strangers: number;
  /** Ticks, or raw items, that slow channels have lost. */
  droppedTicks: number;
}
