import { KiteInputError } from '@kite/protocol';

/** Refuses a method's argument unless it is as it should be. @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT` */
export function checkArgument(accepted: boolean, field: string, value: unknown, allowed: string): void {
  if (!accepted) throw new KiteInputError('KITE_SIMULATOR_INVALID_ARGUMENT', { field, value, allowed });
}

export function checkCount(field: string, value: number): void {
  checkArgument(Number.isSafeInteger(value) && value >= 1, field, value, 'an integer from 1');
}

export function checkPart(field: string, value: number): void {
  checkArgument(value >= 0 && value <= 1, field, value, 'a number from 0 to 1');
}

export function checkDelay(field: string, value: number, allowInfinity: boolean): void {
  const allowed = `a number of milliseconds from 0${allowInfinity ? ', or Infinity' : ''}`;
  checkArgument(value >= 0 && (allowInfinity || value !== Infinity), field, value, allowed);
}
