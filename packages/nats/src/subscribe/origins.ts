import type { ChannelId } from '@kite/protocol';

import type { SourceTag } from '../connection-parts.js';

/** Where packets come from: a connection of one life of a publisher. Compared by identity. */
export interface Origin {
  readonly epoch: number;
  /** The connection's tag in channels: the same for all publishers of it. */
  readonly tag: SourceTag;
}

/** The tag of what belongs to no connection. */
export const NO_CONNECTION: SourceTag = Object.freeze({ channelId: 0 });

const CONNECTIONS = 3;
const MOST_LIVES = 1000;

/** The origins of packets, and the tags that channels know them by. */
export class Origins {
  readonly #accountOf: (epoch: number, account: number) => string;
  readonly #byEpoch = new Map<number, Origin[]>();
  readonly #tags = new Map<string, SourceTag>();

  /** @param accountOf the id of a publisher's account; an empty text if it has none, or none is known */
  constructor(accountOf: (epoch: number, account: number) => string) {
    this.#accountOf = accountOf;
  }

  /** The origin of a packet. Called for each one. */
  of(epoch: number, account: number, connection: number): Origin {
    let known = this.#byEpoch.get(epoch);
    if (!known) {
      if (this.#byEpoch.size >= MOST_LIVES) this.#byEpoch.clear();
      this.#byEpoch.set(epoch, (known = []));
    }
    const place = account * CONNECTIONS + connection;
    return (known[place] ??= { epoch, tag: this.tagOf(this.#accountOf(epoch, account), connection) });
  }

  /** The publisher may have reported other accounts. */
  renewed(epoch: number): void {
    this.#byEpoch.delete(epoch);
  }

  /** @param apiKeyId empty if there is none */
  tagOf(apiKeyId: string, connection: number): SourceTag {
    const key = `${apiKeyId}/${connection}`;
    const known = this.#tags.get(key);
    if (known) return known;
    const channelId = connection as ChannelId;
    const alone = connection === 0 ? NO_CONNECTION : { channelId };
    const tag: SourceTag = apiKeyId === '' ? alone : { channelId, apiKeyId };
    this.#tags.set(key, tag);
    return tag;
  }

  /** Every source that has sent something; if none has, a single one for all. */
  get known(): SourceTag[] {
    return this.#tags.size === 0 ? [NO_CONNECTION] : [...this.#tags.values()];
  }
}
