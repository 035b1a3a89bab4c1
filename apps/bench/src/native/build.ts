import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A first Rust build fetches and compiles about two hundred crates. */
const BUILD_TIMEOUT_MS = 1_200_000;

/** The command for a client's program, such as `peer`. */
export type CommandOf = (program: string) => readonly string[];

/** All take the program's name as first argument. */
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
  // An earlier fetch is enough, and checking it takes half a minute.
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

/** The folders of a language's sources and build output: outside `dist`, which Nx copies into its cache. */
function places(language: string): { source: string; builds: string } {
  const root = packageRoot();
  const builds = path.join(root, '.cache', 'native', language);
  mkdirSync(builds, { recursive: true });
  return { source: path.join(root, 'native', language), builds };
}

/** The folder of this package, for sources and bundles alike. */
function packageRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
}
