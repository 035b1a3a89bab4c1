import { Command, InvalidArgumentError } from 'commander';

/** A command that ends with exit code 2 for wrong usage: 1 is left for what it found. */
export function command(name: string, about: string): Command {
  return new Command(name)
    .description(about)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

/** @throws InvalidArgumentError */
export function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Allowed: a number above 0.');
}

/** @throws InvalidArgumentError */
export function integer(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('Allowed: an integer.');
}

/** An integer from 1. @throws InvalidArgumentError */
export function count(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('Allowed: an integer from 1.');
}
