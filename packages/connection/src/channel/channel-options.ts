import { checkOptions, oneOf, type OptionRule, optionRules } from '@kite/kit';
import { KiteInputError, parseInstrumentTokens } from '@kite/protocol';

import type { ChannelOptions, RawChannelOptions } from './channel.js';

const CODE = 'KITE_CONNECTION_INVALID_OPTION';

const BOUNDED = ['drop-oldest', 'drop-newest', 'error'] as const;

const RULES = {
  capacity: optionRules.positiveInteger,
  overflow: oneOf(...BOUNDED, 'conflate'),
  throttleMs: optionRules.durationMs,
  tokens: { allowed: 'an iterable of instrument tokens', accepts: () => true },
} satisfies Record<keyof ChannelOptions, OptionRule>;

/**
 * The options of a channel with its defaults.
 */
export interface ResolvedChannelOptions {
  /** In items. */
  capacity: number;
  /** What happens to an item for which there is no room. */
  overflow: NonNullable<ChannelOptions['overflow']>;
  /** A batch at most once in so many milliseconds; undefined: as they come. */
  throttleMs: number | undefined;
  /** Whose ticks go into the channel; undefined: all. */
  tokens: ReadonlySet<number> | undefined;
}

/**
 * @throws KiteInputError `KITE_CONNECTION_INVALID_OPTION` or `KITE_PROTOCOL_INVALID_TOKEN`
 */
export function resolveChannelOptions(
  options: ChannelOptions,
  defaultCapacity: number,
): ResolvedChannelOptions {
  checkOptions(KiteInputError, CODE, options, RULES);
  const { capacity = defaultCapacity, throttleMs, tokens } = options;
  const overflow = options.overflow ?? (throttleMs === undefined ? 'drop-oldest' : 'conflate');
  if (throttleMs !== undefined && overflow !== 'conflate') {
    throw new KiteInputError(CODE, {
      field: 'overflow',
      value: overflow,
      allowed: "'conflate', or nothing, together with throttleMs",
    });
  }
  return {
    capacity,
    overflow,
    throttleMs,
    tokens: tokens === undefined ? undefined : new Set(parseInstrumentTokens(tokens)),
  };
}

/** The options of a channel of undecoded frames, which has nothing to conflate. */
export interface ResolvedRawChannelOptions {
  capacity: number;
  overflow: NonNullable<RawChannelOptions['overflow']>;
}

const RAW_RULES = {
  capacity: optionRules.positiveInteger,
  overflow: oneOf(...BOUNDED),
} satisfies Record<keyof RawChannelOptions, OptionRule>;

/** @throws KiteInputError `KITE_CONNECTION_INVALID_OPTION` */
export function resolveRawChannelOptions(
  options: RawChannelOptions,
  defaultCapacity: number,
): ResolvedRawChannelOptions {
  checkOptions(KiteInputError, CODE, options, RAW_RULES);
  return { capacity: options.capacity ?? defaultCapacity, overflow: options.overflow ?? 'drop-oldest' };
}
