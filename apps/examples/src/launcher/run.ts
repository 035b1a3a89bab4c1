/** `npm run example NAME` runs an example; without a name, lists them. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';

import { launch } from './launch.js';

interface Group {
  readonly group: string;
  readonly examples: Readonly<Record<string, string>>;
}

const catalogue = JSON.parse(
  readFileSync(new URL('../../examples.json', import.meta.url), 'utf8'),
) as readonly Group[];

const program = new Command('npm run example')
  .usage('NAME [-- --seconds N --tokens 256265,408065]')
  .description(
    'Each runs on a simulated market, or on the real feed with KITE_API_KEY and KITE_ACCESS_TOKEN set, until Ctrl-C or for --seconds N. -- --copy FOLDER makes a project of it that needs the packages and nothing else.',
  )
  .helpCommand(false)
  .helpOption('-h, --help', 'this list')
  .showHelpAfterError('`npm run example` lists all of them.')
  .exitOverride();

for (const { group, examples } of catalogue)
  for (const [name, about] of Object.entries(examples))
    program
      .command(name)
      .description(about)
      .helpGroup(`${group}:`)
      // The example parses its own options.
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action((_options: unknown, { args }: Command) => launch(name, args));

// A reader that stops early (`npm start -- --help | head -3`) is no error.
process.stdout.on('error', () => undefined);
try {
  const args = process.argv.slice(2);
  if (args.length === 0) program.outputHelp();
  else await program.parseAsync(args, { from: 'user' });
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
