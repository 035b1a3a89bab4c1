import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A first build in Rust fetches and compiles some two hundred crates. */
const BUILD_TIMEOUT_MS = 1_200_000;

/** The command of one of the programs of a client, such as `peer`. */
export type CommandOf = (program: string) => readonly string[];

/** All have the name of their program as their first argument. */
function oneBinary(file: string): CommandOf {
  return (program) => [file, program];
}

/** A package of the workspace in `native/rust`. */
export async function buildRust(name: string): Promise<CommandOf> {
  const { source, builds } = places('rust');
  await run('cargo', ['build', '--release', '--quiet', '-p', name], {
    cwd: source,
    env: { ...process.env, CARGO_TARGET_DIR: builds },
    timeout: BUILD_TIMEOUT_MS,
  });
  return oneBinary(path.join(builds, 'release', name));
}

export async function buildGo(): Promise<CommandOf> {
  const { source, builds } = places('go');
  const file = path.join(builds, 'kite-bench');
  await run('go', ['build', '-o', file, '.'], { cwd: source, timeout: BUILD_TIMEOUT_MS });
  return oneBinary(file);
}

export async function buildJava(): Promise<CommandOf> {
  const { source, builds } = places('java');
  const [classes, jars] = [path.join(builds, 'classes'), path.join(builds, 'jars')];
  const goals = ['-q', '-B', `-Dbench.builds=${builds}`, 'compile', 'dependency:copy-dependencies'];
  const maven = (...flags: string[]): Promise<unknown> =>
    run('mvn', [...flags, ...goals, `-DoutputDirectory=${jars}`], { cwd: source, timeout: BUILD_TIMEOUT_MS });
  // What an earlier run has fetched is enough, and asking whether it is takes half a minute.
  await maven('--offline').catch(() => maven());
  return (program) => ['java', '-cp', [classes, path.join(jars, '*')].join(path.delimiter), 'Main', program];
}

/** Not compiled: an environment with the client, and a file for each program. */
export async function buildPython(): Promise<CommandOf> {
  const { source, builds } = places('python');
  const python = path.join(builds, 'bin', 'python');
  if (!existsSync(python)) await run('python3', ['-m', 'venv', builds]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '-r', path.join(source, 'requirements.txt')], {
    timeout: BUILD_TIMEOUT_MS,
  });
  return (program) => [python, path.join(source, `${program}.py`)];
}

/** Where a language's sources are, and where what is made of them goes: outside of `dist`, which Nx keeps copies of. */
function places(language: string): { source: string; builds: string } {
  const root = packageRoot();
  const builds = path.join(root, '.cache', 'native', language);
  mkdirSync(builds, { recursive: true });
  return { source: path.join(root, 'native', language), builds };
}

/** The folder of this package, from its sources and from its bundles alike. */
function packageRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
}
