import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

import { copyExample } from '../../src/launcher/copy.js';
import { partsOf } from '../../src/launcher/parts.js';
import { startProgram } from '../support/run.js';

const read = (place: string) => readFileSync(new URL(place, import.meta.url), 'utf8');
const catalogue = JSON.parse(read('../../examples.json')) as { examples: Record<string, string> }[];
const names = catalogue.flatMap(({ examples }) => Object.keys(examples));
const { dependencies } = JSON.parse(read('../../package.json')) as { dependencies: Record<string, string> };

/** A process that compiles its sources takes its time on a busy machine. */
const TIMEOUT_MS = 120_000;

function emptyFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kite-copy-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Installs what the project asks for and nothing else, as npm would, but from here. */
function install(folder: string): void {
  for (const name of Object.keys(manifestOf(folder).dependencies)) installPackage(folder, name);
}

/** Of a package of this repository, what would be published: its sources alone do not run elsewhere. */
function installPackage(folder: string, name: string): void {
  const place = path.join(folder, 'node_modules', name);
  if (existsSync(place)) return;
  const home = homeOf(name);
  mkdirSync(path.dirname(place), { recursive: true });
  if (!name.startsWith('@kite/')) {
    symlinkSync(home, place);
    return;
  }
  const { files, dependencies } = manifestOf(home);
  for (const part of ['package.json', ...files])
    cpSync(path.join(home, part), path.join(place, part), { recursive: true });
  for (const one of Object.keys(dependencies)) installPackage(folder, one);
}

interface Manifest {
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Partial<Manifest>;
  return { files: [], dependencies: {}, ...manifest };
}

function homeOf(name: string): string {
  const { paths } = createRequire(import.meta.url).resolve;
  const found = paths(name)!.find((folder) => {
    try {
      return readFileSync(path.join(folder, name, 'package.json')).length > 0;
    } catch {
      return false;
    }
  });
  return path.join(found!, name);
}

describe('a copy of an example', { timeout: TIMEOUT_MS }, () => {
  test.each(names)('%s is made of files that there are and packages that can be installed', (name) => {
    const { files, packages } = partsOf(name);
    expect(files).toContain(`${name}.ts`);
    expect(files.filter((file) => file.startsWith('..'))).toEqual([]);
    for (const one of packages) expect(Object.keys(dependencies)).toContain(one);
  });

  test.each(['single-connection', 'market-scanner', 'candles'])(
    '%s runs alone, with only its packages installed',
    async (name) => {
      const folder = emptyFolder();
      expect(copyExample(name, folder)).toBe(`cd ${folder} && npm install && npx tsx ${name}.ts`);
      install(folder);
      const { child, ended, printed } = startProgram(path.join(folder, `${name}.ts`), [], {}, folder);
      await printed(/\d,\d{3}/);
      child.kill('SIGINT');
      expect(await ended).toMatchObject({ code: 0, stderr: '' });
    },
  );

  test('depth-board serves its page alone, with only its packages installed', async () => {
    const folder = emptyFolder();
    copyExample('depth-board', folder);
    install(folder);
    const program = path.join(folder, 'depth-board.ts');
    const { child, ended, printed, output } = startProgram(program, ['--port', '0'], {}, folder);
    await Promise.race([printed(/http:\S+/), ended]);
    const [address = ''] = /http:\S+/.exec(output()) ?? [];
    expect((await fetch(new URL('/board.js', address))).status).toBe(200);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('fan-out says how to get a NATS server where there is none, without a stack trace', async () => {
    const folder = emptyFolder();
    copyExample('fan-out', folder);
    install(folder);
    const { code, stderr } = await startProgram(path.join(folder, 'fan-out.ts'), [], { PATH: '' }, folder)
      .ended;
    expect(code).toBe(1);
    expect(stderr).toContain('there is no nats-server on this machine. Get one:');
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test('is told with a command that a shell takes, whatever the folder is called', () => {
    const folder = path.join(emptyFolder(), "it's mine");
    const command = copyExample('decode-only', folder);
    const printed = execFileSync('sh', ['-c', command.replace(/ && .*/, ' && pwd -P')], { encoding: 'utf8' });
    expect(printed.trim()).toBe(realpathSync(folder));
  });

  test('goes into no folder that has something in it', () => {
    const folder = emptyFolder();
    writeFileSync(path.join(folder, 'mine'), '');
    expect(() => copyExample('candles', folder)).toThrow('is not empty');
  });
});
