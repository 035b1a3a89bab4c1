import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { allSetups, nameOf } from './setups.mjs';

const consumers = fileURLToPath(new URL('consumers/', import.meta.url));
const execute = promisify(execFile);

/** @typedef {import('./setups.mjs').Format} Format */
/** @typedef {import('./setups.mjs').Setup} Setup */

/** These promise to need neither Node's types nor the DOM's; the others are for Node alone. */
const anywhere = ['@kite/protocol', '@kite/raw', '@kite/calendar', '@kite/instruments', '@kite/bars'];

/** A stranger's project: an empty folder into which one package is installed by its name. */
export class Project {
  /** What the last compilation with node16 wrote. */
  #program = '';

  /** @param {{ directory: string, name: string, format: Format, registry: string }} options */
  constructor({ directory, name, format, registry }) {
    this.name = name;
    this.format = format;
    this.folder = path.join(directory, `${path.basename(name)}-${format}`);
    this.source = `${path.basename(name)}.ts`;
    mkdirSync(this.folder, { recursive: true });
    this.#write('package.json', { private: true, type: format });
    writeFileSync(path.join(this.folder, '.npmrc'), `@kite:registry=${registry}\naudit=false\nfund=false\n`);
  }

  /** @returns {Promise<string[]>} what is in node_modules now */
  async install() {
    await this.#run('npm', ['install', this.name, '--loglevel=error']);
    const lock = path.join(this.folder, 'node_modules/.package-lock.json');
    const { packages } = JSON.parse(readFileSync(lock, 'utf8'));
    return Object.keys(packages).map((location) => location.replace(/^.*node_modules\//, ''));
  }

  /** Adds the program that uses the package, what it needs to compile, and a configuration for each setup. */
  async prepare() {
    copyFileSync(path.join(consumers, this.source), path.join(this.folder, this.source));
    const node = !anywhere.includes(this.name);
    if (node) await this.#run('npm', ['install', '--save-dev', '@types/node@20', '--loglevel=error']);
    for (const setup of allSetups(this.format)) {
      const { resolution, exact, dom } = setup;
      this.#write(configOf(setup), {
        compilerOptions: {
          target: 'ES2022',
          lib: dom ? ['ES2022', 'DOM'] : ['ES2022'],
          types: node ? ['node'] : [],
          module: resolution === 'node16' ? 'node16' : 'esnext',
          moduleResolution: resolution,
          strict: true,
          noUncheckedIndexedAccess: true,
          exactOptionalPropertyTypes: exact,
          noPropertyAccessFromIndexSignature: true,
          // Checks the packages' own declarations.
          skipLibCheck: false,
          outDir: outputOf(setup),
        },
        files: [this.source],
      });
    }
  }

  /**
   * Compiles the program once for each setup, in one process, which reads what the setups share once.
   *
   * @param {string} typescript the compiler's path
   * @param {readonly Setup[]} setups
   */
  async compile(typescript, setups) {
    const runnable = setups.find(({ resolution }) => resolution === 'node16');
    if (runnable) this.#program = path.join(outputOf(runnable), this.source.replace(/ts$/, 'js'));
    // `--verbose` prints which setup an error belongs to.
    const options = ['--build', '--force', '--verbose', ...setups.map(configOf)];
    await this.#run(process.execPath, [typescript, ...options]);
  }

  /** @param {string} node @param {string} url of a simulator @returns {Promise<string>} the line that it prints */
  async run(node, url) {
    // Warnings are errors here; and it must end by itself.
    const { stdout, stderr } = await this.#run(node, [this.#program, url], 30_000);
    if (stderr !== '')
      throw new Error(`${this.folder}: ${this.#program} wrote to its standard error:\n${stderr}`);
    return stdout.trim();
  }

  /** @param {string} file @param {object} value */
  #write(file, value) {
    writeFileSync(path.join(this.folder, file), JSON.stringify(value, undefined, 2));
  }

  /** @param {string} command @param {string[]} args */
  async #run(command, args, timeout = 0) {
    try {
      return await execute(command, args, { cwd: this.folder, timeout, encoding: 'utf8' });
    } catch (error) {
      const { message, stdout } = /** @type {Error & { stdout?: string }} */ (error);
      // A compiler reports on its standard output.
      throw new Error(`in ${this.folder}: ${message}${stdout ?? ''}`, { cause: error });
    }
  }
}

/** @param {Setup} setup */
function configOf(setup) {
  return `tsconfig.${nameOf(setup)}.json`;
}

/** @param {Setup} setup */
function outputOf(setup) {
  return `dist/${nameOf(setup)}`;
}
