import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { BuildOptions, Plugin } from 'esbuild';

/** How a program ended, and what it printed. */
export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface ProgramOptions {
  /** The folder from which its imports are looked up. */
  resolveDir: string;
  /** Sources that are built into files beside it. */
  beside?: string[];
  plugins?: Plugin[];
}

export interface RunOptions {
  /** Environment variables; there is nothing else in it but PATH. */
  env?: Record<string, string>;
  /** Flags of Node. */
  execArgv?: string[];
  /** Called with each line of its standard output. */
  onLine?: (line: string) => void;
}

/** What a bundled CommonJS package needs in an ES module. */
const REQUIRE = `
  import { createRequire } from 'node:module';
  const require = createRequire(import.meta.url);
`;

/**
 * A program of a user, in a process of its own. It is bundled from the sources, because a child knows neither TypeScript
 * nor the aliases of the tests.
 */
export class Program implements AsyncDisposable {
  readonly #directory: string;
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** @param text a module in TypeScript; the URL given to {@link run} is `process.argv[2]` */
  static async of(text: string, { resolveDir, beside = [], plugins = [] }: ProgramOptions): Promise<Program> {
    // Loaded here, because most tests start no program.
    const { build } = await import('esbuild');
    const directory = await mkdtemp(path.join(tmpdir(), 'kite-program-'));
    await writeFile(path.join(directory, 'package.json'), '{ "type": "module" }');
    const common: BuildOptions = {
      bundle: true,
      outdir: directory,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['@kite/source'],
      external: ['bufferutil', 'utf-8-validate'],
      banner: { js: REQUIRE },
      logLevel: 'silent',
    };
    await build({ ...common, stdin: { contents: text, resolveDir, loader: 'ts' }, plugins });
    if (beside.length > 0) await build({ ...common, entryPoints: beside });
    return new Program(directory);
  }

  /** What it has printed so far, on both outputs. */
  get output(): string {
    return this.#output;
  }

  /** A file beside the program; resolves with its path. */
  async file(name: string, text: string): Promise<string> {
    const file = path.join(this.#directory, name);
    await writeFile(file, text);
    return file;
  }

  /** Starts it; resolves when it has ended. */
  run(url: string, { env = {}, execArgv = [], onLine }: RunOptions = {}): Promise<Outcome> {
    const child = spawn(process.execPath, [...execArgv, path.join(this.#directory, 'stdin.js'), url], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const printed = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        printed[name] += text;
      });
    if (onLine) createInterface({ input: child.stdout }).on('line', onLine);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        resolve({ code, signal, ...printed });
      });
    });
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#child?.kill('SIGINT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.kill('SIGKILL');
    await rm(this.#directory, { recursive: true, force: true });
  }
}
