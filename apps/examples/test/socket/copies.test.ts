import { execFileSync } from 'node:child_process';
import {
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
  const project = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(project.dependencies)) {
    const place = path.join(folder, 'node_modules', name);
    mkdirSync(path.dirname(place), { recursive: true });
    symlinkSync(homeOf(name), place);
  }
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
