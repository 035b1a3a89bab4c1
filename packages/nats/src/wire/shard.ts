import { scramble } from '@kite/kit';

/** The default number of shards. */
export const DEFAULT_SHARDS = 16;

/** The shard of an instrument: a well-mixed hash of its token, modulo the number of shards. */
export function shardOf(token: number, shards: number): number {
  return scramble(token >>> 0) % shards;
}
