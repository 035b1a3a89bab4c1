import { Command, InvalidArgumentError } from 'commander';

/** The login's options. */
export interface LoginArguments {
  readonly port: number;
  readonly out?: string;
  readonly api: string;
}

/** @throws CommanderError for `--help` and for an unknown option */
export function parseArguments(args: readonly string[]): LoginArguments {
  return new Command('npm run example login --')
    .description('Log in to Kite in a browser, and get the access token of the day.')
    .option('--port <n>', 'the port of the redirect URL: http://127.0.0.1:<n>/', parsePort, 8080)
    .option('--out <file>', 'write the token to this file, readable only by you; without it, print the token')
    .option('--api <url>', "a REST API other than Kite's, for tests", 'https://api.kite.trade')
    .showHelpAfterError('See -- --help. Options come after two dashes: -- --port 8080')
    .exitOverride()
    .parse(args, { from: 'user' })
    .opts<LoginArguments>();
}

/** @throws InvalidArgumentError */
function parsePort(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535; 0 takes any that is free.');
}
