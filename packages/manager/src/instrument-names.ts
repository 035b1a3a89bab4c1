import { KiteInputError, type Mode, parseInstrumentTokens } from '@kite/protocol';

import type { InstrumentNames } from './options.js';

/** An instrument's token or, with the option `instruments`, its name. */
export type InstrumentKey = number | string;

/** The names of instruments, for texts. If the list throws, the text only lacks the names. */
export function namesOf(
  instruments: InstrumentNames | undefined,
): ((token: number) => string | undefined) | undefined {
  return (
    instruments &&
    ((token) => {
      try {
        return instruments.nameOf(token);
      } catch {
        return undefined;
      }
    })
  );
}

/** @throws KiteInputError `KITE_PROTOCOL_INVALID_TOKEN` or `KITE_PROTOCOL_UNKNOWN_INSTRUMENT` */
export function tokensOf(instruments: InstrumentNames | undefined, keys: Iterable<InstrumentKey>): number[] {
  return parseInstrumentTokens(keys, 'tokens', instruments);
}

/** @throws KiteInputError as {@link tokensOf}, for a name */
export function tokenOf(instruments: InstrumentNames | undefined, key: InstrumentKey): number {
  return typeof key === 'number' ? key : tokensOf(instruments, [key])[0]!;
}

/**
 * Turns modes by token or name into modes by token.
 *
 * @throws KiteInputError as {@link tokensOf}, and `KITE_MANAGER_INVALID_OPTION` for an instrument that is given
 * twice, by token and by name
 */
export function modesByToken(
  instruments: InstrumentNames | undefined,
  modes: ReadonlyMap<InstrumentKey, Mode>,
): Map<number, Mode> {
  const tokens = tokensOf(instruments, modes.keys());
  if (tokens.length < modes.size) {
    const allowed = 'each instrument once: by its token or by its name';
    throw new KiteInputError('KITE_MANAGER_INVALID_OPTION', {
      field: 'modes',
      value: [...modes.keys()],
      allowed,
    });
  }
  const byToken = new Map<number, Mode>();
  for (const [index, mode] of [...modes.values()].entries()) byToken.set(tokens[index]!, mode);
  return byToken;
}
