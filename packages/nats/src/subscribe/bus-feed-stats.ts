/** What a feed over the bus has received. */
export interface BusFeedStats {
  /** Whether the NATS server can be reached. */
  isConnected: boolean;
  /** Instruments that are subscribed. */
  symbolCount: number;
  /** Publishers that are at work. */
  publishers: string[];
  /** Ticks handed out. */
  ticksReceived: number;
  /** Packets that were there already, were sent again, or come from a second publisher of the same instrument. */
  repeats: number;
  /** Messages that were none of ours. */
  strangers: number;
  /** Ticks, or raw items, that channels have lost because they were slow. */
  droppedTicks: number;
}
