import { Command, Option } from 'commander';

import { NotStartedError, runSuite } from './conformance/suite.js';
import { DURATION, parseDuration } from './duration.js';
import { notAllowed } from './flag-value.js';

const CONNECT_WITHIN_MS = 30_000;

/** `conformance -- <command…>`: exit code 1 if a required fact failed. */
export function conformance(): Command {
  return new Command('conformance')
    .description('Tests a client in any language against the facts of the protocol, and prints a scorecard.')
    .exitOverride()
    .option('--json', 'print the scorecard as one JSON object')
    .addOption(
      new Option('--patience <duration>', 'how long the client may take to connect and to reconnect')
        .argParser(patience)
        .default(CONNECT_WITHIN_MS, `${CONNECT_WITHIN_MS / 1000}s`),
    )
    .argument('<command...>', 'how to start the client, after --')
    .addHelpText(
      'after',
      `
The client finds in its environment KITE_URL, KITE_API_KEY, KITE_ACCESS_TOKEN
and KITE_SUBSCRIPTIONS, such as 408065:full,256265:quote. It connects,
subscribes, and prints each tick as a line of JSON, under Kite's names:
  {"instrument_token":408065,"mode":"ltp","last_price":1573.7}
It prints an order as {"type":"order","order":{…}}, and what went wrong as
{"type":"error","message":"…"}. It runs until SIGTERM.

The exit code is 1 if a required fact failed, and 2 if the client could not be
started.`,
    )
    .action(async (command: string[], flags: { json?: boolean; patience: number }, own: Command) => {
      const card = await runSuite(command, { connectMs: flags.patience }).catch((error: unknown) => {
        if (error instanceof NotStartedError) own.error(`error: ${error.message}`);
        throw error;
      });
      const isJson = flags.json ?? own.parent?.opts<{ json?: boolean }>().json ?? false;
      console.log(isJson ? card.json : card.text);
      if (!card.passed) process.exitCode = 1;
    });
}

function patience(text: string): number {
  const ms = parseDuration(text);
  if (ms > 0 && ms < Infinity) return ms;
  throw notAllowed(`${DURATION}, and above 0`);
}
