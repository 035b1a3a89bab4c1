import { systemClock } from '@kite/connection';
import { checkOptions, type OptionRule } from '@kite/kit';
import { KiteInputError } from '@kite/protocol';

import { BUS_RULES, type BusOptions, openBus } from './bus/open-bus.js';
import { systemRandom } from './connection-parts.js';
import { BusFeed } from './subscribe/bus-feed.js';
import { BusReader } from './subscribe/bus-reader.js';
import { isName, NAME_FORM, Subjects } from './wire/subjects.js';

/** The options of `openBusFeed`. */
export interface BusFeedOptions extends BusOptions {
  /** The name of this program, for the server's monitoring: letters, digits, `-` and `_`. */
  name: string;
  /** The first part of every subject, the same as the publishers'. Default: `kite`. */
  prefix?: string | undefined;
}

const name: OptionRule = { allowed: NAME_FORM, accepts: isName };

const { servers, nats } = BUS_RULES;
const RULES = { servers, nats, name, prefix: name } satisfies Record<keyof BusFeedOptions, OptionRule>;

/**
 * Opens a feed of what publishers put on the bus. Resolves when the server is connected; then subscribe to instruments
 * and read it like any feed.
 *
 * Rejects with `KITE_NATS_INVALID_OPTION`, `KITE_NATS_UNREACHABLE`, `KITE_NATS_CLOSED` or `KITE_NATS_SERVER_TOO_OLD`; then
 * nothing is left open.
 */
export async function openBusFeed(options: BusFeedOptions): Promise<BusFeed> {
  checkOptions(KiteInputError, 'KITE_NATS_INVALID_OPTION', options, RULES);
  if ((options.name as unknown) === undefined)
    throw new KiteInputError('KITE_NATS_INVALID_OPTION', {
      field: 'name',
      value: undefined,
      allowed: NAME_FORM,
    });
  const subjects = new Subjects(options.prefix);
  const bus = await openBus(options, `kite reader ${options.name}`);
  const reader = new BusReader(bus, subjects, systemClock);
  const life = Math.floor(systemRandom() * 0x1_0000_0000).toString(16);
  return new BusFeed(options.name, reader, reader.demandAs(`${options.name}.${life}`));
}
