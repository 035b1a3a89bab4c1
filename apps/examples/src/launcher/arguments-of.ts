import { existsSync } from 'node:fs';

import { feedCommand } from '../kit/command-line.js';

/**
 * Reads an example's command line the way the example will: with its own `NAME/arguments.ts`, else with the common
 * options. So help and argument errors need no build.
 *
 * @throws CommanderError for `--help` and for an unknown option; the help or the reason has been printed
 */
export async function readArguments(name: string, args: readonly string[]): Promise<void> {
  const own = new URL(`../${name}/arguments.ts`, import.meta.url);
  if (!existsSync(own)) {
    feedCommand(`npm run example ${name} --`).parse(args, { from: 'user' });
    return;
  }
  const module = (await import(own.href)) as { parseArguments: (args: readonly string[]) => unknown };
  module.parseArguments(args);
}
