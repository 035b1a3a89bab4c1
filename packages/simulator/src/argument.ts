import type { OptionRule } from '@kite/kit';
import { isInstrumentToken, KiteInputError } from '@kite/protocol';

/** The rules that methods and fault plans share. */
export const argumentRules = {
  part: {
    allowed: 'a number from 0 to 1',
    accepts: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  },
  /** The HTTP status of a refused handshake. */
  status: {
    allowed: 'an HTTP status from 400 to 599',
    accepts: (value) => isIntegerWithin(value, 400, 599),
  },
  /** A close code that may be sent. */
  closeCode: {
    allowed: '1000 to 1003, 1007 to 1014 or 3000 to 4999',
    accepts: (value) =>
      isIntegerWithin(value, 1000, 1003) ||
      isIntegerWithin(value, 1007, 1014) ||
      isIntegerWithin(value, 3000, 4999),
  },
  closeReason: {
    allowed: 'at most 123 bytes',
    accepts: (value) => typeof value === 'string' && Buffer.byteLength(value) <= 123,
  },
  tokens: {
    allowed: 'an array of instrument tokens: integers from 1 to 4294967295',
    accepts: (value) => Array.isArray(value) && value.every(isInstrumentToken),
  },
} as const satisfies Record<string, OptionRule>;

/** Checks a method's argument. @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT` */
export function checkArgument(accepted: boolean, field: string, value: unknown, allowed: string): void {
  if (!accepted) throw new KiteInputError('KITE_SIMULATOR_INVALID_ARGUMENT', { field, value, allowed });
}

export function checkCount(field: string, value: number, allowInfinity = false): void {
  const accepted = (Number.isSafeInteger(value) && value >= 1) || (allowInfinity && value === Infinity);
  checkArgument(accepted, field, value, `an integer from 1${allowInfinity ? ', or Infinity' : ''}`);
}

export function checkPart(field: string, value: number): void {
  checkByRule('part', field, value);
}

export function checkDelay(field: string, value: number, allowInfinity: boolean): void {
  const allowed = `a number of milliseconds from 0${allowInfinity ? ', or Infinity' : ''}`;
  checkArgument(value >= 0 && (allowInfinity || value !== Infinity), field, value, allowed);
}

export function checkStatus(field: string, value: number): void {
  checkByRule('status', field, value);
}

export function checkCloseCode(field: string, value: number): void {
  checkByRule('closeCode', field, value);
}

export function checkCloseReason(field: string, value: string): void {
  checkByRule('closeReason', field, value);
}

export function checkToken(field: string, value: number): void {
  checkArgument(isInstrumentToken(value), field, value, 'an integer from 1 to 4294967295');
}

export function checkTokens(field: string, value: readonly number[]): void {
  checkByRule('tokens', field, value);
}

function checkByRule(rule: keyof typeof argumentRules, field: string, value: unknown): void {
  const { accepts, allowed } = argumentRules[rule];
  checkArgument(accepts(value), field, value, allowed);
}

function isIntegerWithin(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
