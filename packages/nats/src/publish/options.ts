import type { Feed } from '@kite/connection';
import { checkOptions, type OptionRule, optionRules, withMethods } from '@kite/kit';
import { type KiteError, KiteInputError } from '@kite/protocol';

import { BUS_RULES, type BusOptions } from '../bus/open-bus.js';
import type { StreamOptions } from '../bus/stream-plan.js';
import { isName, NAME_FORM } from '../wire/subjects.js';

/** The options of `publishFeed`. */
export interface PublishOptions extends BusOptions {
  /** A ticker, a manager of one account or of many, or a subscriber. It is not started or stopped here. */
  feed: Feed;
  /** The publisher's name, unique among the publishers of this prefix: letters, digits, `-` and `_`. */
  publisher: string;
  /** The first part of every subject. Default: `kite`. */
  prefix?: string | undefined;
  /** How many shards instruments are spread over, 1 to 256: the same number for every program of a prefix. Default: 16. */
  shards?: number | undefined;
  /** How ticks are kept: `maxAge` in milliseconds (a day), `storage` (`file`). */
  stream?: StreamOptions | undefined;
  /** Whether whole frames are published too, on `kite.f.<publisher>.<connection>`. Default: false. */
  frames?: boolean | undefined;
  /**
   * Called with what goes wrong: the server is slow or gone, orders are lost. Default: one process warning of each kind
   * (`KiteWarning`).
   */
  onIssue?: ((issue: KiteError) => void) | undefined;
}

const CODE = 'KITE_NATS_INVALID_OPTION';

const CLOCK = withMethods('now', 'monotonic', 'setTimeout', 'clearTimeout');

const name: OptionRule = { allowed: NAME_FORM, accepts: isName };

const RULES = {
  ...BUS_RULES,
  feed: {
    allowed: 'a feed: a ticker, a manager, a subscriber',
    accepts: (value) =>
      withMethods('on').accepts(value) && CLOCK.accepts((value as { clock?: unknown }).clock),
  },
  publisher: name,
  prefix: name,
  shards: {
    allowed: 'an integer from 1 to 256',
    accepts: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 256,
  },
  frames: optionRules.boolean,
  onIssue: optionRules.function,
} satisfies Record<keyof PublishOptions, OptionRule>;

const STREAM_RULES = {
  maxAge: optionRules.durationMs,
  storage: {
    allowed: "'file', 'memory'",
    accepts: (value) => value === 'file' || value === 'memory',
  },
} satisfies Record<keyof StreamOptions, OptionRule>;

/** @throws KiteInputError `KITE_NATS_INVALID_OPTION` */
export function checkPublishOptions(options: PublishOptions): void {
  checkOptions(KiteInputError, CODE, options, RULES);
  for (const field of ['feed', 'publisher'] as const)
    if ((options[field] as unknown) === undefined)
      throw new KiteInputError(CODE, { field, value: undefined, allowed: RULES[field].allowed });
  if (options.stream) checkOptions(KiteInputError, CODE, options.stream, STREAM_RULES);
}
