import { Trail } from './trail.js';

/** A state that waits for its place to become known. */
export interface Waiting<Item, Origin> {
  readonly item: Item;
  readonly origin: Origin;
  readonly at: number;
}

/** One source of an instrument's states, as a merge knows it. */
export interface Replica<Source, Item, Origin> {
  readonly source: Source;
  isStreaming: boolean;
  /** When it was asked no more for the instrument: what was under way then may still come. Undefined: it has not left. */
  leftAt: number | undefined;
  /** What it brings next comes over another socket. */
  begins: boolean;
  /** The position behind the last entry that is surely not newer than what the source brings next. */
  place: number;
  /** Something that it has brought over this socket was decided on. */
  isKnown: boolean;
  /** In which form it has brought the entry before its place, over this socket; undefined: it has not. */
  last: Item | undefined;
  /** It begins, perhaps with the state of the entry before its place. */
  repeats: boolean;
  /** The position behind the last entry when it began: what came before, it may bring at any time. */
  joinedAt: number;
  /** It was shown something else than the others: prices alone say nothing until its trail is sure. */
  isAstray: boolean;
  readonly trail: Trail<Item>;
  /** Prices that equal one of the log, of the last seconds: nobody knows whether others bring them too. */
  doubtful: Waiting<Item, Origin>[];
  /** How far it is behind others, in milliseconds; undefined: nothing is known. */
  lagMs: number | undefined;
  /** When it went on over the same socket after a silence, or was read on: what it brings first is old. Infinity: it is silent. */
  resumedAt: number;
  /** What it has brought and nobody else has, while it cannot be told whether that is new. */
  readonly waiting: Waiting<Item, Origin>[];
}

/** A source that has brought nothing yet, of a log with these positions. */
export function newReplica<Source, Item, Origin>(
  source: Source,
  { base, end }: { readonly base: number; readonly end: number },
): Replica<Source, Item, Origin> {
  return {
    source,
    isStreaming: false,
    leftAt: undefined,
    begins: false,
    place: base,
    isKnown: false,
    last: undefined,
    repeats: true,
    joinedAt: end,
    isAstray: false,
    trail: new Trail<Item>(),
    doubtful: [],
    lagMs: undefined,
    resumedAt: -Infinity,
    waiting: [],
  };
}
