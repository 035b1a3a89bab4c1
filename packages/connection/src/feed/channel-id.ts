import type { ChannelId as Id } from '@kite/protocol';

/** The number of a connection of one account, from 0. */
export type ChannelId = Id;

/** The three connections that Kite allows, under the names of the field. */
export const ChannelId = {
  Connection1: 0,
  Connection2: 1,
  Connection3: 2,
  /** All ids, in order. */
  all: (): ChannelId[] => [0, 1, 2],
} as const;
