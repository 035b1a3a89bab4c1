import { KiteInputError } from '@kite/protocol';

/** Refuses a method's argument unless it is as it should be. @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT` */
export function checkArgument(accepted: boolean, field: string, value: unknown, allowed: string): void {
  if (!accepted) throw new KiteInputError('KITE_SIMULATOR_INVALID_ARGUMENT', { field, value, allowed });
}

export function checkCount(field: string, value: number, allowInfinity = false): void {
  const accepted = (Number.isSafeInteger(value) && value >= 1) || (allowInfinity && value === Infinity);
  checkArgument(accepted, field, value, `an integer from 1${allowInfinity ? ', or Infinity' : ''}`);
}

export function checkPart(field: string, value: number): void {
  checkArgument(value >= 0 && value <= 1, field, value, 'a number from 0 to 1');
}

export function checkDelay(field: string, value: number, allowInfinity: boolean): void {
  const allowed = `a number of milliseconds from 0${allowInfinity ? ', or Infinity' : ''}`;
  checkArgument(value >= 0 && (allowInfinity || value !== Infinity), field, value, allowed);
}

/** Of a refused handshake. */
export function checkStatus(field: string, value: number): void {
  const accepted = Number.isInteger(value) && value >= 400 && value <= 599;
  checkArgument(accepted, field, value, 'an HTTP status from 400 to 599');
}

/** One that may be sent. */
export function checkCloseCode(field: string, value: number): void {
  const ranges = [
    [1000, 1003],
    [1007, 1014],
    [3000, 4999],
  ] as const;
  const accepted = Number.isInteger(value) && ranges.some(([from, to]) => value >= from && value <= to);
  checkArgument(accepted, field, value, '1000 to 1003, 1007 to 1014 or 3000 to 4999');
}

export function checkCloseReason(field: string, value: string): void {
  checkArgument(Buffer.byteLength(value) <= 123, field, value, 'at most 123 bytes');
}
