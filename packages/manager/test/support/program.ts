import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';

const source = (file: string): string => fileURLToPath(new URL(`../../src/${file}`, import.meta.url));

/** What every program has beside its own text. */
const preamble = `
  import { createRequire } from 'node:module';
  const require = createRequire(import.meta.url);
`;

/** The package as a program imports it, but for the server: it is the one of the test. */
const redirected = `
  export * from ${JSON.stringify(source('index.ts'))};
  import { KiteTickerManager as Manager } from ${JSON.stringify(source('index.ts'))};
  export class KiteTickerManager extends Manager {
    constructor(first, ...rest) {
      if (typeof first === 'string') super(first, rest[0], { url: process.argv[2], ...rest[1] });
      else super({ url: process.argv[2], ...first });
    }
    static builder(apiKey, accessToken) {
      return Manager.builder(apiKey, accessToken).url(process.argv[2]);
    }
  }
`;

/** A program of a user as it stands, in a process of its own, with the I/O worker beside it as in the built package. */
export class Program implements AsyncDisposable {
  readonly #directory: string;
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** @param text a module; `apiKey` and `accessToken` are in scope */
  static async of(text: string): Promise<Program> {
    const directory = await mkdtemp(path.join(tmpdir(), 'kite-manager-'));
    await writeFile(path.join(directory, 'package.json'), '{ "type": "module" }');
    const common: BuildOptions = {
      bundle: true,
      outdir: directory,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['@kite/source'],
      external: ['bufferutil', 'utf-8-validate'],
      banner: { js: preamble },
      logLevel: 'silent',
    };
    await build({
      ...common,
      stdin: {
        contents: `const apiKey = 'key-of-the-account', accessToken = 'token';\n${text}`,
        resolveDir: import.meta.dirname,
        loader: 'ts',
        sourcefile: 'stdin.ts',
      },
      plugins: [
        {
          name: 'redirected',
          setup({ onResolve, onLoad }) {
            onResolve({ filter: /^@kite\/manager$/ }, () => ({ path: 'manager', namespace: 'redirected' }));
            onLoad({ filter: /.*/, namespace: 'redirected' }, () => ({
              contents: redirected,
              loader: 'ts',
              resolveDir: import.meta.dirname,
            }));
          },
        },
      ],
    });
    await build({ ...common, entryPoints: [source('threads/worker/io-worker.ts')] });
    return new Program(directory);
  }

  /** What it has printed so far, on both outputs. */
  get output(): string {
    return this.#output;
  }

  /** Starts it; resolves with its exit code, or the signal that ended it. */
  run(url: string): Promise<number | NodeJS.Signals | null> {
    const child = spawn(process.execPath, [path.join(this.#directory, 'stdin.js'), url], {
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        resolve(code ?? signal);
      });
    });
  }

  interrupt(): void {
    this.#child?.kill('SIGINT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.kill('SIGKILL');
    await rm(this.#directory, { recursive: true, force: true });
  }
}
