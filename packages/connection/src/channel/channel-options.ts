import { checkOptions, oneOf, type OptionRule, optionRules } from '@kite/kit';
import { KiteInputError, parseInstrumentTokens } from '@kite/protocol';

import { CONNECT_RULES, type ResolvedConnectionConfig } from '../options.js';
import type { Channel, ChannelOptions, RawChannelOptions } from './channel.js';

const CODE = 'KITE_CONNECTION_INVALID_OPTION';

const BOUNDED = ['drop-oldest', 'drop-newest', 'error'] as const;

const RULES = {
  capacity: optionRules.positiveInteger,
  capacityTicks: optionRules.positiveInteger,
  overflow: oneOf(...BOUNDED, 'conflate'),
  throttleMs: optionRules.durationMs,
  form: oneOf('plain', 'lazy'),
  tokens: { allowed: 'an iterable of instrument tokens', accepts: () => true },
} satisfies Record<keyof ChannelOptions, OptionRule>;

const RAW_RULES = {
  capacity: optionRules.positiveInteger,
  capacityBytes: optionRules.positiveInteger,
  overflow: oneOf(...BOUNDED),
} satisfies Record<keyof RawChannelOptions, OptionRule>;

const RECV_RULES = { signal: CONNECT_RULES.signal, timeoutMs: optionRules.durationMs };

/**
 * The options of a channel with its defaults.
 */
export interface ResolvedChannelOptions {
  /** In items. */
  capacity: number;
  /** In ticks. */
  capacityTicks: number;
  /** In bytes that frames keep alive. */
  capacityBytes: number;
  /** What happens to an item when there is no room. */
  overflow: NonNullable<ChannelOptions['overflow']>;
  /** At most one batch in this many milliseconds; undefined: as they come. */
  throttleMs: number | undefined;
  /** How ticks are delivered. */
  form: NonNullable<ChannelOptions['form']>;
  /** Instruments whose ticks go into the channel; undefined: all. */
  tokens: ReadonlySet<number> | undefined;
}

/** The part of a feed's configuration that its channels use. */
export interface OutletConfig extends Pick<
  ResolvedConnectionConfig,
  | 'clock'
  | 'rawOnly'
  | 'divisors'
  | 'parserBufferSize'
  | 'connectionBufferSize'
  | 'capacityTicks'
  | 'capacityBytes'
> {
  /** If set, its names are accepted besides tokens. */
  readonly instruments?: { tokenOf(name: string): number | undefined } | undefined;
}

/**
 * @throws KiteInputError `KITE_CONNECTION_INVALID_OPTION`, `KITE_PROTOCOL_INVALID_TOKEN` or
 * `KITE_PROTOCOL_UNKNOWN_INSTRUMENT`
 */
export function resolveChannelOptions(
  options: ChannelOptions,
  defaults: Pick<OutletConfig, 'parserBufferSize' | 'capacityTicks' | 'instruments'>,
): ResolvedChannelOptions {
  checkOptions(KiteInputError, CODE, options, RULES);
  const {
    capacity = defaults.parserBufferSize,
    capacityTicks = defaults.capacityTicks,
    throttleMs,
    form = 'plain',
    tokens,
  } = options;
  const overflow = options.overflow ?? (throttleMs === undefined ? 'drop-oldest' : 'conflate');
  if (throttleMs !== undefined && overflow !== 'conflate') {
    throw new KiteInputError(CODE, {
      field: 'overflow',
      value: overflow,
      allowed: "'conflate', or nothing, together with throttleMs",
    });
  }
  return {
    ...{ capacity, capacityTicks, capacityBytes: Infinity, overflow, throttleMs, form },
    tokens:
      tokens === undefined
        ? undefined
        : new Set(parseInstrumentTokens(tokens, 'tokens', defaults.instruments)),
  };
}

/**
 * The options of a channel of messages, whose ticks are always plain.
 *
 * @throws KiteInputError as {@link resolveChannelOptions}
 */
export function resolveMessageOptions(
  ...[options, defaults]: Parameters<typeof resolveChannelOptions>
): ResolvedChannelOptions {
  const resolved = resolveChannelOptions(options, defaults);
  if (resolved.form === 'plain') return resolved;
  const allowed = "'plain', or nothing: lazy ticks come from ticks() alone";
  throw new KiteInputError(CODE, { field: 'form', value: resolved.form, allowed });
}

/** @throws KiteInputError `KITE_CONNECTION_INVALID_OPTION` */
export function resolveRawChannelOptions(
  options: RawChannelOptions,
  defaults: { capacity: number; capacityBytes: number },
): ResolvedChannelOptions {
  checkOptions(KiteInputError, CODE, options, RAW_RULES);
  const {
    capacity = defaults.capacity,
    capacityBytes = defaults.capacityBytes,
    overflow = 'drop-oldest',
  } = options;
  return {
    ...{ capacity, capacityTicks: Infinity, capacityBytes, overflow },
    ...{ throttleMs: undefined, form: 'plain' as const, tokens: undefined },
  };
}

/** @throws KiteInputError `KITE_CONNECTION_INVALID_OPTION` */
export function checkRecvOptions(options: Parameters<Channel<never>['recv']>[0]): void {
  checkOptions(KiteInputError, CODE, options, RECV_RULES);
}
