import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** How a program ended, and what it printed. */
export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/**
 * A program of a user, in a process of its own: bundled from the sources, since a child knows neither TypeScript nor the
 * aliases of the tests.
 */
export class Program implements AsyncDisposable {
  readonly #directory: string;
  readonly #file: string;

  private constructor(directory: string, file: string) {
    this.#directory = directory;
    this.#file = file;
  }

  /** @param body statements of an async function, with `KiteTicker` and the server's `url` in scope */
  static async of(body: string): Promise<Program> {
    const { outputFiles } = await build({
      stdin: {
        contents: `import { KiteTicker } from '@kite/connection';
          const url = process.argv[2];
          const options = { url, apiKey: 'key', accessToken: 'token', reconnectDelayMs: 20, maxReconnectDelayMs: 20 };
          void (async () => { ${body} })();`,
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      conditions: ['@kite/source'],
      external: ['bufferutil', 'utf-8-validate'],
    });
    const directory = await mkdtemp(join(tmpdir(), 'kite-connection-'));
    const file = join(directory, 'program.cjs');
    await writeFile(file, outputFiles[0]!.text);
    return new Program(directory, file);
  }

  /** A file beside the program. */
  async file(name: string, text: string): Promise<string> {
    const file = join(this.#directory, name);
    await writeFile(file, text);
    return file;
  }

  /** Runs it until it ends by itself. `onLine` is told each line that it prints. */
  run(url: string, { env = {}, onLine }: RunOptions = {}): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [this.#file, url], {
        env: { PATH: process.env['PATH'], ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const outcome = { stdout: '', stderr: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        outcome.stdout += text;
        for (const line of text.split('\n')) if (line !== '') onLine?.(line);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
      child.on('error', reject);
      child.on('close', (code, signal) => {
        resolve({ code, signal, ...outcome });
      });
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.#directory, { recursive: true, force: true });
  }
}

interface RunOptions {
  env?: Record<string, string>;
  onLine?: (line: string) => void;
}
