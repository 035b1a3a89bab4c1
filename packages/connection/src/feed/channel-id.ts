/** Which connection of an account a message came from: Kite allows three. */
export type ChannelId = 0 | 1 | 2;

/** The three connections under the names of the field. */
export const ChannelId = {
  Connection1: 0,
  Connection2: 1,
  Connection3: 2,
  /** All ids, in order. */
  all: (): ChannelId[] => [0, 1, 2],
} as const;
