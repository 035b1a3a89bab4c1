import { KiteInputError, segmentOf } from '@kite/protocol';

import { DEFAULT_SHARDS, shardOf } from './shard.js';

/** The default first part of every subject. */
const DEFAULT_PREFIX = 'kite';

/** What a prefix or a publisher's name may be: valid as a token of a subject and as part of a stream's name. */
export const NAME_FORM = 'letters, digits, - and _, 1 to 64 of them';

/** Whether a value may be a prefix or the name of a publisher. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{1,64}$/u.test(value);
}

/** Stands for the account of a feed without ids. */
const NO_ACCOUNT = 'default';

/** The subjects of one prefix. */
export class Subjects {
  /** The first part of every subject. */
  readonly prefix: string;
  /** How many shards instruments are spread over. */
  readonly shards: number;

  /** @throws KiteInputError `KITE_NATS_INVALID_OPTION` for a prefix that is no name, or shards outside 1 to 256 */
  constructor(prefix: string = DEFAULT_PREFIX, shards: number = DEFAULT_SHARDS) {
    if (!isName(prefix)) throw refused('prefix', prefix, NAME_FORM);
    if (!Number.isInteger(shards) || shards < 1 || shards > 256)
      throw refused('shards', shards, 'an integer from 1 to 256');
    this.prefix = prefix;
    this.shards = shards;
  }

  /** The names of the streams: `TICKS` and `ORDERS`; any prefix but `kite` stands in front, with `_`. */
  get streams(): { ticks: string; orders: string } {
    const own = this.prefix === DEFAULT_PREFIX ? '' : `${this.prefix}_`;
    return { ticks: `${own}TICKS`, orders: `${own}ORDERS` };
  }

  /** The name of the demand bucket: `DEMAND`, prefixed like the streams. */
  get demandBucket(): string {
    return this.prefix === DEFAULT_PREFIX ? 'DEMAND' : `${this.prefix}_DEMAND`;
  }

  /** Collectors' answers to a program's demand: `kite.a.<key>`. */
  answer(key: string): string {
    return `${this.prefix}.a.${key}`;
  }

  /** The ticks of one instrument: `kite.t.<shard>.<segment>.<token>`. */
  tick(token: number): string {
    return `${this.prefix}.t.${shardOf(token, this.shards)}.${segmentOf(token)}.${token}`;
  }

  /** The ticks of one instrument in any shard, for a reader that does not know the number of shards. */
  anyShard(token: number): string {
    return `${this.prefix}.t.*.${segmentOf(token)}.${token}`;
  }

  /** All ticks. */
  get allTicks(): string {
    return `${this.prefix}.t.>`;
  }

  /** A publisher's reports on itself: `kite.m.<publisher>`. */
  report(publisher: string): string {
    return `${this.prefix}.m.${publisher}`;
  }

  /** The reports of every publisher. */
  get allReports(): string {
    return `${this.prefix}.m.*`;
  }

  /** Whole frames of a publisher's connection: `kite.f.<publisher>.<connection>`. */
  frames(publisher: string, connection: number): string {
    return `${this.prefix}.f.${publisher}.${connection}`;
  }

  /** An account's orders: `kite.o.<account>`. Bytes that a subject cannot hold become `=` and two hex digits. */
  orders(account: string | undefined): string {
    return `${this.prefix}.o.${account === undefined ? NO_ACCOUNT : escaped(account)}`;
  }

  /** The account in a subject of orders; undefined for a feed without ids. */
  accountOf(subject: string): string | undefined {
    const account = subject.slice(this.prefix.length + '.o.'.length);
    return account === NO_ACCOUNT ? undefined : unescaped(account);
  }

  /** The orders of every account. */
  get allOrders(): string {
    return `${this.prefix}.o.*`;
  }
}

/** The instrument token in a subject of ticks. */
export function tokenOf(subject: string): number {
  return Number(subject.slice(subject.lastIndexOf('.') + 1));
}

function refused(field: string, value: unknown, allowed: string): KiteInputError {
  return new KiteInputError('KITE_NATS_INVALID_OPTION', { field, value, allowed });
}

function escaped(text: string): string {
  return text.replace(/[^\w-]/gu, (letter) =>
    [...new TextEncoder().encode(letter)].map((byte) => `=${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

function unescaped(text: string): string {
  const bytes: number[] = [];
  for (const [, hex, letter] of text.matchAll(/=([0-9a-f]{2})|(.)/gu))
    bytes.push(hex === undefined ? letter!.charCodeAt(0) : parseInt(hex, 16));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
