#!/usr/bin/env node
import { program } from './cli/program.js';

program()
  .parseAsync()
  .catch((error: unknown) => {
    // What has a code is a wrong option or a file that cannot be read, and deserves a sentence; anything else its stack.
    const expected = error instanceof Error && 'code' in error;
    console.error(expected ? `${String(error.code)}: ${error.message}` : error);
    process.exitCode = 1;
  });
