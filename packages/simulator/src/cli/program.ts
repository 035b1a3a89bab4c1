import { createSecureContext } from 'node:tls';
import { Command } from 'commander';
import { nearestName } from '@kite/kit';
import { KiteInputError, MAX_INSTRUMENTS_PER_CONNECTION } from '@kite/protocol';

import { checkSimulatorOptions, type SimulatorOptions } from '../options.js';
import type { AccountOptions } from '../server/account.js';
import { helpOnCommands } from './commands.js';
import { conformance } from './conformance-command.js';
import { DURATION, MAX_TIMEOUT_MS, parseDuration } from './duration.js';
import { faultOptions, planFaults } from './fault-flags.js';
import { readCertificate, readKey, recordingAt } from './file.js';
import { checked, notAllowed, number, option } from './flag-value.js';
import { type PlannedPlay, planPlays, pricesOf, scenarioOf, SCENARIOS } from './play-flags.js';
import { run } from './run.js';

/** The command's default port; the library takes any free one. */
const DEFAULT_PORT = 8765;

interface Flags extends Record<string, unknown> {
  readonly port: number;
  readonly host?: string;
  readonly seed?: number;
  readonly instruments?: number;
  readonly ticksPerSecond?: number;
  readonly stepInterval?: number;
  readonly maxTicksPerFrame?: number;
  readonly heartbeatInterval?: number;
  readonly pingInterval?: number;
  readonly account?: AccountOptions[];
  readonly tlsKey?: Buffer;
  readonly tlsCert?: Buffer;
  readonly anyToken?: boolean;
  readonly price?: PlannedPlay[];
  readonly scenario?: PlannedPlay[];
  readonly playEvery?: string;
  readonly replay?: string;
  readonly speed?: number;
  readonly verbatim?: boolean;
  readonly seconds?: number;
  readonly json?: boolean;
  readonly stdin?: boolean;
}

const DURATION_ABOVE_0 = `${DURATION}, and above 0`;
const MAX_SECONDS = Math.floor(MAX_TIMEOUT_MS / 1000);

/** Flags that only refine another flag, each with that flag. */
const NEEDS = {
  tlsKey: 'tlsCert',
  tlsCert: 'tlsKey',
  speed: 'replay',
  verbatim: 'replay',
  closeCode: 'close',
  closeReason: 'close',
  burstTicks: 'burst',
  refuseStatus: 'refuse',
  expiring: 'expireInstruments',
  expireInstruments: 'expiring',
  orderStatus: 'order',
} as const;

/** The command line, ready to parse. Throws a CommanderError instead of ending the process. */
export function program(version: string): Command {
  const command = new Command('kite-simulator')
    .description(
      "A Kite market-data server on this machine: connect to the printed URL as you would to Zerodha's.",
    )
    .exitOverride()
    .option('--port <port>', '0: any free port', option('port', number), DEFAULT_PORT)
    .option('--host <address>', 'the address to listen on (default: 127.0.0.1)', option('host', String))
    .option('--seed <n>', 'the same seed makes the same market (default: 1)', option('seed', number))
    .option(
      '--instruments <n>',
      'how many to list (default: 10000)',
      option('instruments', number, 'an integer from 0 to 1 000 000'),
    )
    .option(
      '--ticks-per-second <n>',
      'in total over all subscribed instruments; 0 stops the market (default: natural)',
      option('ticksPerSecond', number),
    )
    .option(
      '--step-interval <duration>',
      'between two steps of the market (default: 50ms, with a rate 10ms)',
      option('stepIntervalMs', parseDuration, DURATION_ABOVE_0),
    )
    .option(
      '--max-ticks-per-frame <n>',
      `(default: ${MAX_INSTRUMENTS_PER_CONNECTION})`,
      option('maxTicksPerFrame', number),
    )
    .option(
      '--heartbeat-interval <duration>',
      '(default: 1s)',
      option('heartbeatIntervalMs', parseDuration, DURATION_ABOVE_0),
    )
    .option(
      '--ping-interval <duration>',
      'how often to send WebSocket pings (default: never)',
      option('pingIntervalMs', parseDuration, DURATION_ABOVE_0),
    )
    .option(
      '--account <key:token[:user]>',
      'who may connect; repeat for more accounts (default: any key and token)',
      account,
    )
    .option('--tls-key <file>', 'PEM private key: speak wss', readKey)
    .option('--tls-cert <file>', 'PEM certificate: speak wss', readCertificate)
    .option('--any-token', 'unlisted tokens have a market too (default: they are silent)')
    .option(
      '--price <token:prices>',
      'trade at these prices, separated by commas, once the instrument is subscribed',
      pricesOf,
    )
    .option('--scenario <name:token>', `play ${SCENARIOS}, once it is subscribed`, scenarioOf)
    .option('--play-every <duration>', 'between two prices (default: 250ms)', playEvery)
    .option('--replay <file>', 'replay a recording instead of the simulated market', recordingAt)
    .option('--speed <n>', 'of the replay (default: 1)', speed)
    .option('--verbatim', 'replay every message to every client, whatever is subscribed')
    .option('--seconds <n>', 'stop after this many seconds', seconds)
    .option('--json', 'print events as JSON, one per line')
    .option('--stdin', 'read commands from standard input (default: on a terminal)');
  for (const fault of faultOptions()) command.addOption(fault);
  command.addCommand(conformance());
  return command
    .helpCommand('help [command]', 'show the help of a command')
    .allowExcessArguments()
    .version(version, '-V, --version', 'print the version')
    .addHelpText(
      'after',
      `\n<when> is 5s (once) or every:5s. Commands that can be typed while it runs:\n${helpOnCommands()}`,
    )
    .action(async (flags: Flags) => {
      const [unknown] = command.args;
      if (unknown !== undefined) refuse(command, unknown);
      checkTogether(command, flags);
      const { seconds, json = false, stdin = process.stdin.isTTY } = flags;
      const plays = planPlays([...(flags.price ?? []), ...(flags.scenario ?? [])], flags.playEvery);
      const options = simulatorOptions(flags);
      await run({ options, faults: planFaults(flags), plays, seconds, json, stdin });
    });
}

function refuse(command: Command, unknown: string): never {
  const known = [...command.commands.map((one) => one.name()), 'help'];
  const nearest = nearestName(unknown, known);
  const hint = nearest === undefined ? `There are ${known.join(' and ')}.` : `Did you mean ${nearest}?`;
  return command.error(`error: there is no command '${unknown}'. ${hint}`);
}

function simulatorOptions(flags: Flags): SimulatorOptions {
  const { tlsKey, tlsCert, replay, speed, verbatim } = flags;
  const options: Record<keyof SimulatorOptions, unknown> | object = {
    port: flags.port,
    host: flags.host,
    seed: flags.seed,
    instruments: flags.instruments,
    ticksPerSecond: flags.ticksPerSecond,
    stepIntervalMs: flags.stepInterval,
    maxTicksPerFrame: flags.maxTicksPerFrame,
    heartbeatIntervalMs: flags.heartbeatInterval,
    pingIntervalMs: flags.pingInterval,
    accounts: flags.account,
    unlistedTokens: flags.anyToken ? 'live' : 'silent',
    tls: tlsKey && { key: tlsKey, cert: tlsCert },
    replay: replay ? { source: replay, speed, verbatim } : undefined,
  };
  return options;
}

/** Checks the flags against each other. A flag without effect is a mistake as well. */
function checkTogether(command: Command, flags: Flags): void {
  const flagsOf = (name: string) =>
    command.options.find((one) => one.attributeName() === name)?.flags ?? name;
  for (const [name, needed] of Object.entries(NEEDS))
    if (flags[name] !== undefined && flags[needed] === undefined)
      command.error(`error: option '${flagsOf(name)}' does nothing without '${flagsOf(needed)}'`);
  if (flags.playEvery && !flags.price && !flags.scenario)
    command.error(
      `error: option '${flagsOf('playEvery')}' does nothing without '${flagsOf('price')}' or '${flagsOf('scenario')}'`,
    );
  const { tlsKey: key, tlsCert: cert } = flags;
  try {
    if (key && cert) createSecureContext({ key, cert });
  } catch {
    command.error(`error: option '${flagsOf('tlsKey')}' is not the key of '${flagsOf('tlsCert')}'`);
  }
}

/** Stays text, as in a command. */
function playEvery(text: string): string {
  const ms = parseDuration(text);
  if (ms > 0 && ms < Infinity) return text;
  throw notAllowed(DURATION_ABOVE_0);
}

const speed = checked(number, (value) => checkSimulatorOptions({ replay: { source: '-', speed: value } }));

function seconds(text: string): number {
  const value = number(text);
  if (value >= 0 && value <= MAX_SECONDS) return value;
  throw notAllowed(`a number from 0 to ${MAX_SECONDS}`);
}

/** Refuses in its own words: commander's would show the token. */
function account(text: string, before: AccountOptions[] = []): AccountOptions[] {
  const [apiKey, accessToken, userId, ...rest] = text.split(':');
  if (apiKey && accessToken?.trim() && rest.length === 0)
    return [...before, { apiKey, accessToken, ...(userId && { userId }) }];
  throw new KiteInputError('KITE_SIMULATOR_INVALID_OPTION', {
    field: '--account',
    value: '(not shown)',
    allowed: 'key:token or key:token:user',
  });
}
