import { checkOptions, type OptionRule, withMethods } from '@kite/kit';
import { assertMode, KiteInputError, type Mode } from '@kite/protocol';

import { type InstrumentKey, modesByToken } from './instrument-names.js';
import type { InstrumentNames } from './options.js';

const RULES = {
  modes: { ...withMethods('keys', 'values', 'get'), allowed: 'a Map of instruments to modes' },
} as const satisfies Record<'modes', OptionRule>;

/**
 * The modes that a caller wants, by token.
 *
 * @throws KiteInputError `KITE_MANAGER_INVALID_OPTION` for anything but a Map or for an instrument that is there twice,
 * `KITE_PROTOCOL_INVALID_MODE`, `KITE_PROTOCOL_INVALID_TOKEN` or `KITE_PROTOCOL_UNKNOWN_INSTRUMENT`
 */
export function wantedModes(
  instruments: InstrumentNames | undefined,
  modes: ReadonlyMap<InstrumentKey, Mode>,
): Map<number, Mode> {
  checkOptions(KiteInputError, 'KITE_MANAGER_INVALID_OPTION', { modes }, RULES);
  for (const mode of modes.values()) assertMode(mode);
  return modesByToken(instruments, modes);
}
