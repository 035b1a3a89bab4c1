import { once } from 'node:events';
import { createInterface } from 'node:readline';

import type { SimulatorOptions } from '../options.js';
import { type Simulator, startSimulator } from '../simulator.js';
import { type CommandWords, runCommand } from './commands.js';
import type { PlannedCommand } from './fault-flags.js';
import { reportOn } from './report.js';

/** What the command line asks for. */
export interface Plan {
  readonly options: SimulatorOptions;
  readonly faults: readonly PlannedCommand[];
  /** Stop after so many seconds. */
  readonly seconds: number | undefined;
  readonly json: boolean;
  readonly stdin: boolean;
}

/** Runs a simulator until a signal, the end of `--seconds` or, for a program that feeds commands, of its input. */
export async function run(plan: Plan): Promise<void> {
  const simulator = await startSimulator(plan.options);
  const act = async (words: CommandWords) => {
    const answer = await runCommand(simulator, words);
    if (answer !== undefined) console.error(answer);
  };
  for (const { words, when } of plan.faults) if (when === undefined) await act(words);
  reportOn(simulator, plan.json, (line) => console.log(line));

  const ended = new AbortController();
  const stop = () => ended.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const timers = schedule(plan.faults, act);
  if (plan.seconds !== undefined) timers.push(setTimeout(stop, plan.seconds * 1000));
  const input = plan.stdin ? createInterface({ input: process.stdin }) : undefined;
  input?.on('line', (line) => {
    const [name = '', ...words] = line.trim().split(/\s+/);
    if (name === 'quit') stop();
    else if (name !== '') void act([name, ...words]);
  });
  input?.once('close', stop);

  if (!ended.signal.aborted) await once(ended.signal, 'abort');
  await end(simulator, timers);
  input?.close();
  process.off('SIGINT', stop).off('SIGTERM', stop);
}

function schedule(
  faults: readonly PlannedCommand[],
  act: (words: CommandWords) => Promise<void>,
): NodeJS.Timeout[] {
  return faults.flatMap(({ words, when }) => {
    if (when === undefined || when.ms === Infinity) return [];
    const now = () => void act(words);
    return [when.repeats ? setInterval(now, when.ms) : setTimeout(now, when.ms)];
  });
}

async function end(simulator: Simulator, timers: readonly NodeJS.Timeout[]): Promise<void> {
  for (const timer of timers) clearTimeout(timer);
  await simulator.stop();
}
