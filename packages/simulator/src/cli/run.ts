import { once } from 'node:events';
import { createInterface } from 'node:readline';

import type { SimulatorOptions } from '../options.js';
import { type Simulator, startSimulator } from '../simulator.js';
import { isCommand, runCommand } from './commands.js';
import type { PlannedCommand } from './fault-flags.js';
import type { PlannedPlay } from './play-flags.js';
import { reportOn } from './report.js';
import { type CommandWords, wordsOf } from './words.js';

/** What the command line asked for. */
export interface Plan {
  readonly options: SimulatorOptions;
  readonly faults: readonly PlannedCommand[];
  readonly plays: readonly PlannedPlay[];
  /** Stop after this many seconds. */
  readonly seconds: number | undefined;
  readonly json: boolean;
  readonly stdin: boolean;
}

/** Runs a simulator until a signal, the end of `--seconds` or, if a program feeds commands, the end of its input. */
export async function run(plan: Plan): Promise<void> {
  const simulator = await startSimulator(plan.options);
  /** @param isTyped false: reports only failures */
  const act = async (words: CommandWords, isTyped: boolean) => {
    const { ok, text } = await runCommand(simulator, words);
    if (ok && !isTyped) return;
    const [command] = words;
    if (plan.json) console.log(JSON.stringify({ event: 'answer', command, ok, text }));
    // Lines of several begin at the margin, below the name.
    else if (ok) console.log(`  ${command}:${text.includes('\n') ? '\n' : ' '}${text}`);
    else console.error(isCommand(command) ? `${command}: ${text}` : text);
  };
  /** Runs typed commands one after the other, so that their answers come in order. */
  let typed = Promise.resolve();
  const planned = (words: CommandWords) => act(words, false);
  for (const { words, when } of plan.faults) if (when === undefined) await planned(words);
  for (const { token, words } of plan.plays)
    // It rejects when the simulator stops before the first subscription.
    void simulator.subscribed(token, undefined, { timeoutMs: Infinity }).then(() => planned(words), ignore);
  reportOn(simulator, plan.json, (line) => console.log(line));

  const ended = new AbortController();
  const stop = () => ended.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const timers = schedule(plan.faults, planned);
  if (plan.seconds !== undefined) timers.push(setTimeout(stop, plan.seconds * 1000));
  const input = plan.stdin ? createInterface({ input: process.stdin }) : undefined;
  let isQuitting = false;
  // After the commands before it.
  const quit = () => {
    isQuitting = true;
    typed = typed.then(stop);
  };
  input?.on('line', (line) => {
    const words = wordsOf(line);
    if (words === undefined || isQuitting) return;
    if (words[0] === 'quit') quit();
    else typed = typed.then(() => act(words, true));
  });
  input?.once('close', quit);

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

function ignore(): void {
  // Nothing to do.
}
