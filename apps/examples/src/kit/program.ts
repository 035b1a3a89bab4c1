import { CommanderError } from 'commander';

import { type Cures, failureOf } from './failure.js';

/**
 * Runs a program and prints failures as text. The exit code is 1 for a failure, 2 for bad arguments.
 *
 * @param cures of packages that few examples use
 */
export async function program(main: () => Promise<void>, cures?: Cures): Promise<void> {
  // A reader that stops early (`npm run example … | head`) is no error.
  process.stdout.on('error', () => undefined);
  try {
    await main();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    const { text, exitCode } = failureOf(error, cures);
    console.error(text);
    process.exitCode = exitCode;
  }
}
