import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const folder = new URL('../../src/', import.meta.url);

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program in a process of its own, without a terminal. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once the standard output matches. */
  printed(what: RegExp): Promise<void>;
  /** What the standard output has had so far. */
  output(): string;
}

/** Starts an example, over the built packages as users do: from their sources no I/O worker could start. Of the environment it gets nothing that decides on a feed but what is given. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}, name = 'live-market'): Running {
  return startProgram(fileURLToPath(new URL(`${name}.ts`, folder)), args, env);
}

/** The same with a program that is anywhere. */
export function startProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  cwd?: string,
): Running {
  const { KITE_API_KEY: _key, KITE_ACCESS_TOKEN: _token, FORCE_COLOR: _color, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    env: { ...inherited, ...env },
    ...(cwd !== undefined && { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const waiting: { what: RegExp; resolve: () => void }[] = [];
  const check = () => {
    for (const { what, resolve } of waiting) if (what.test(stdout)) resolve();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    check();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return {
    child,
    ended: new Promise((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    }),
    output: () => stdout,
    printed: (what) =>
      new Promise((resolve) => {
        waiting.push({ what, resolve });
        check();
      }),
  };
}

/** Runs the live market to its end. */
export function run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> {
  return start(args, env).ended;
}
