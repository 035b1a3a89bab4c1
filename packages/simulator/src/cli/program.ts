import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { SimulatorOptions } from '../options.js';
import type { AccountOptions } from '../server/account.js';
import { helpOnCommands } from './commands.js';
import { parseDuration } from './duration.js';
import { faultOptions, planFaults } from './fault-flags.js';
import { run } from './run.js';

/** The port of the command; the library takes any that is free. */
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
  readonly tlsKey?: string;
  readonly tlsCert?: string;
  readonly replay?: string;
  readonly speed?: number;
  readonly verbatim?: boolean;
  readonly seconds?: number;
  readonly json?: boolean;
  readonly stdin?: boolean;
}

/** The command line, ready to parse. */
export function program(): Command {
  const command = new Command('kite-simulator')
    .description("A Kite market-data server on this machine: connect to the printed URL as to Zerodha's.")
    .option('--port <port>', '0: any that is free', number, DEFAULT_PORT)
    .option('--host <address>', 'the address to listen on (default: 127.0.0.1)')
    .option('--seed <n>', 'the same seed makes the same market (default: 1)', number)
    .option('--instruments <n>', 'how many to list (default: 10000)', number)
    .option(
      '--ticks-per-second <n>',
      'over all subscribed instruments together; 0 stops the market (default: natural)',
      number,
    )
    .option(
      '--step-interval <duration>',
      'between two steps of the market (default: 50ms, with a rate 10ms)',
      parseDuration,
    )
    .option('--max-ticks-per-frame <n>', '(default: 3000)', number)
    .option('--heartbeat-interval <duration>', '(default: 1s)', parseDuration)
    .option('--ping-interval <duration>', 'send WebSocket pings so often (default: none)', parseDuration)
    .option(
      '--account <key:token[:user]>',
      'who may connect, several times for several (default: anybody)',
      account,
    )
    .option('--tls-key <file>', 'PEM private key: speak wss')
    .option('--tls-cert <file>', 'PEM certificate: speak wss')
    .option('--replay <file>', 'replay a recording in place of the made-up market')
    .option('--speed <n>', 'of the replay (default: 1)', number)
    .option('--verbatim', 'replay every message to everybody, whatever is subscribed')
    .option('--seconds <n>', 'stop after so many seconds', number)
    .option('--json', 'print events as JSON, one a line')
    .option('--stdin', 'read commands from standard input (default: on a terminal)');
  for (const option of faultOptions()) command.addOption(option);
  return command
    .addHelpText(
      'after',
      `\n<when> is 5s (once) or every:5s. Commands that can be typed while it runs:\n${helpOnCommands()}`,
    )
    .action(async (flags: Flags) => {
      const { seconds, json = false, stdin = process.stdin.isTTY } = flags;
      await run({ options: simulatorOptions(flags), faults: planFaults(flags), seconds, json, stdin });
    });
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
    tls: tlsKey || tlsCert ? { key: read(tlsKey), cert: read(tlsCert) } : undefined,
    replay: replay ? { source: replay, speed, verbatim } : undefined,
  };
  return options;
}

function read(path: string | undefined): Uint8Array | undefined {
  return path === undefined ? undefined : readFileSync(path);
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('Not a number.');
  return value;
}

function account(text: string, before: AccountOptions[] = []): AccountOptions[] {
  const [apiKey, accessToken, userId] = text.split(':');
  if (!apiKey || !accessToken) throw new InvalidArgumentError('Use key:token or key:token:user.');
  return [...before, { apiKey, accessToken, ...(userId && { userId }) }];
}
