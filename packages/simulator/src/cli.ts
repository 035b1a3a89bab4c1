#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { isKiteError, type KiteError } from '@kite/protocol';

import { program } from './cli/program.js';

// `npx @kite/simulator --help | head`: without a reader there is nothing left to do, and nothing to complain about.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

program(ownVersion())
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = exitCodeOf(error);
    // Commander has already printed it: the mistake, or the help.
    if (error instanceof CommanderError) return;
    // A wrong option, or something like a port that is taken: print a sentence. Anything else gets its stack.
    if (isUsage(error)) console.error(`error: ${error.message}`);
    else if (error instanceof Error && 'code' in error)
      console.error(`${String(error.code)}: ${error.message}`);
    else console.error(error);
  });

/** 2 for wrong usage, 1 for any other failure. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return isUsage(error) ? 2 : 1;
}

/** Whether an option has a value that is not allowed. */
function isUsage(error: unknown): error is KiteError {
  return isKiteError(error) && error.field !== undefined;
}

function ownVersion(): string {
  // Beside both src and dist.
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
