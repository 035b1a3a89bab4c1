import { type OptionRule, refusedOption, withMethods } from '@kite/kit';
import { assertMode, KiteInputError, type Mode } from '@kite/protocol';

import { type InstrumentKey, modesByToken } from './instrument-names.js';
import type { InstrumentNames } from './options.js';

const MODES: OptionRule = {
  ...withMethods('keys', 'values', 'get'),
  allowed: 'a Map of instruments to modes',
};

/**
 * The modes that a caller wants, by token.
 *
 * @throws KiteInputError `KITE_MANAGER_INVALID_OPTION` for anything but a Map or for an instrument that is given twice,
 * `KITE_PROTOCOL_INVALID_MODE`, `KITE_PROTOCOL_INVALID_TOKEN` or `KITE_PROTOCOL_UNKNOWN_INSTRUMENT`
 */
export function wantedModes(
  instruments: InstrumentNames | undefined,
  modes: ReadonlyMap<InstrumentKey, Mode>,
): Map<number, Mode> {
  if (!MODES.accepts(modes))
    throw refusedOption(KiteInputError, 'KITE_MANAGER_INVALID_OPTION', 'modes', modes, MODES);
  for (const mode of modes.values()) assertMode(mode);
  return modesByToken(instruments, modes);
}
