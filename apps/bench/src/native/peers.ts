import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Nanoseconds a tick, by what was measured: 'frame light', 'raw heavy' and so on. */
export type NativeSample = Readonly<Record<string, number>>;

/** A decoder of another language: built once, then run on a file of frames. */
export interface Peer {
  readonly name: string;
  /** @throws where the language or its registry cannot be had */
  prepare(): Promise<(framesFile: string) => Promise<NativeSample>>;
}

const sources = fileURLToPath(new URL('../native/', import.meta.url));
const builds = fileURLToPath(new URL('./native/', import.meta.url));
/** A first build fetches and compiles some hundred crates. */
const BUILD_TIMEOUT_MS = 600_000;

/** The Rust crate, whose ways are measured one by one. */
export const CRATE: Peer = {
  name: 'kiteticker-async-manager 0.4.1 (Rust)',
  async prepare() {
    const target = path.join(builds, 'rust');
    await run('cargo', ['build', '--release', '--quiet'], {
      cwd: path.join(sources, 'rust'),
      env: { ...process.env, CARGO_TARGET_DIR: target },
      timeout: BUILD_TIMEOUT_MS,
    });
    return runner(path.join(target, 'release', 'kite-bench-native'));
  },
};

export const GO: Peer = {
  name: 'gokiteconnect 4.4.0 (Go)',
  async prepare() {
    const file = path.join(builds, 'go-bench');
    await run('go', ['build', '-o', file, '.'], { cwd: path.join(sources, 'go'), timeout: BUILD_TIMEOUT_MS });
    return runner(file);
  },
};

export const PYTHON: Peer = {
  name: 'kiteconnect 5.2.2 (Python)',
  async prepare() {
    const environment = path.join(builds, 'python');
    const python = path.join(environment, 'bin', 'python');
    const source = path.join(sources, 'python');
    if (!existsSync(python)) await run('python3', ['-m', 'venv', environment]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '-r', path.join(source, 'requirements.txt')], {
      timeout: BUILD_TIMEOUT_MS,
    });
    return runner(python, [path.join(source, 'bench.py')]);
  },
};

function runner(program: string, args: readonly string[] = []) {
  return async (framesFile: string): Promise<NativeSample> => {
    const { stdout } = await run(program, [...args, framesFile]);
    return JSON.parse(stdout) as NativeSample;
  };
}
