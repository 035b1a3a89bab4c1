import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const consumers = fileURLToPath(new URL('consumers/', import.meta.url));
const execute = promisify(execFile);

/** @typedef {'module' | 'commonjs'} Format */
/** @typedef {'node16' | 'bundler'} Resolution */

/** These two promise to need no type of Node; the others are for Node alone. */
const anywhere = ['@kite/protocol', '@kite/raw'];

/** A stranger's project: an empty folder into which one package is installed by its name. */
export class Project {
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

  /** Puts the program in that uses the package, and what its compilation needs, which users have anyway. */
  async prepare() {
    copyFileSync(path.join(consumers, this.source), path.join(this.folder, this.source));
    const node = !anywhere.includes(this.name);
    if (node) await this.#run('npm', ['install', '--save-dev', '@types/node@20', '--loglevel=error']);
    this.#write('tsconfig.json', {
      compilerOptions: {
        target: 'ES2022',
        lib: node ? ['ES2022'] : ['ES2022', 'DOM'],
        types: node ? ['node'] : [],
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        noPropertyAccessFromIndexSignature: true,
        // The packages' own declarations are what is to be checked.
        skipLibCheck: false,
        outDir: 'dist',
      },
      files: [this.source],
    });
  }

  /**
   * @param {string} typescript the compiler's path
   * @param {Resolution} resolution the first writes the program that {@link run} runs
   */
  async compile(typescript, resolution) {
    const options =
      resolution === 'node16'
        ? ['--module', 'node16', '--moduleResolution', 'node16']
        : ['--module', 'esnext', '--moduleResolution', 'bundler', '--noEmit'];
    await this.#run(process.execPath, [typescript, '--project', '.', ...options]);
  }

  /** @param {string} node @param {string} url of a simulator @returns {Promise<string>} the line that it prints */
  async run(node, url) {
    const program = path.join('dist', this.source.replace(/ts$/, 'js'));
    // Warnings are errors here; and it must end by itself.
    const { stdout, stderr } = await this.#run(node, [program, url], 30_000);
    if (stderr !== '') throw new Error(`${this.folder}: ${program} wrote to its standard error:\n${stderr}`);
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
