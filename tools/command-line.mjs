// The command line of a program of this repository, by commander: `--help`, and exit code 2 for wrong usage. 1 is left for
// what the program itself found.
import { Command, InvalidArgumentError, Option } from 'commander';

/**
 * @template T
 * @typedef {object} Flag
 * @property {string} [value] what it takes, as the help shows it; a switch takes nothing
 * @property {string} help
 * @property {T} otherwise what holds without it
 * @property {(text: string) => T} read throws an InvalidArgumentError
 */

/**
 * @template {Readonly<Record<string, Flag<unknown>>>} O
 * @typedef {object} Usage
 * @property {string} command as it is typed
 * @property {string} about one sentence
 * @property {O} [options] by their names, without dashes
 * @property {string} [operands] what may follow the command, as the help shows it
 * @property {string} [more] lines below the options
 */

/**
 * Reads this process's arguments. Prints the help and ends the process with 0, or a mistake and ends it with 2.
 *
 * @template {Readonly<Record<string, Flag<unknown>>>} [O={}]
 * @param {Usage<O>} usage
 * @returns {{ options: { [K in keyof O]: ReturnType<O[K]['read']> }, operands: string[] }}
 */
export function readCommandLine({ command: name, about, options = /** @type {O} */ ({}), operands, more }) {
  const command = new Command(name)
    .description(about)
    .helpOption('-h, --help', 'this text')
    .showHelpAfterError('see --help')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
  if (operands !== undefined) command.argument(operands);
  if (more !== undefined) command.addHelpText('after', `\n${more}`);
  const flags = Object.entries(options).map(([flag, { value, help, otherwise, read }]) => {
    const option = new Option(`--${flag}${value === undefined ? '' : ` <${value}>`}`, help);
    if (otherwise !== undefined && otherwise !== false) option.default(otherwise);
    if (value !== undefined) option.argParser(read);
    command.addOption(option);
    return { flag, key: option.attributeName(), otherwise };
  });
  command.parse();
  const given = command.opts();
  const read = flags.map(({ flag, key, otherwise }) => [flag, given[key] ?? otherwise]);
  return { options: Object.fromEntries(read), operands: command.args };
}

/** Reports wrong usage and ends the process. @param {string} text @returns {never} */
export function refuse(text) {
  console.error(`error: ${text}`);
  process.exit(2);
}

/** A flag that takes nothing. @param {string} help @returns {Flag<boolean>} */
export function toggle(help) {
  return { help, otherwise: false, read: () => true };
}

/** A flag that takes any text. @param {string} value @param {string} help @returns {Flag<string | undefined>} */
export function text(value, help) {
  return { value, help, otherwise: undefined, read: (given) => given };
}

/**
 * A flag that takes an integer.
 *
 * @template {number | undefined} [D=undefined]
 * @param {string} value @param {string} help @param {{ from?: number, otherwise?: D }} [limits]
 * @returns {Flag<number | D>}
 */
export function integer(value, help, { from = -Infinity, otherwise } = {}) {
  const allowed = from === -Infinity ? 'an integer' : `an integer from ${from}`;
  return numeric(value, help, otherwise, allowed, (one) => Number.isSafeInteger(one) && one >= from);
}

/**
 * A flag that takes a number above 0.
 *
 * @template {number | undefined} [D=undefined]
 * @param {string} value @param {string} help @param {{ otherwise?: D }} [limits]
 * @returns {Flag<number | D>}
 */
export function positive(value, help, { otherwise } = {}) {
  return numeric(value, help, otherwise, 'a number above 0', (one) => one > 0 && one < Infinity);
}

/**
 * A flag that takes one of these words.
 *
 * @template {string} T
 * @template {T | undefined} [D=undefined]
 * @param {string} value @param {readonly T[]} choices @param {string} help @param {{ otherwise?: D }} [limits]
 * @returns {Flag<T | D>}
 */
export function oneOf(value, choices, help, { otherwise } = {}) {
  const allowed = choices.join(', ');
  const read = (/** @type {string} */ given) => {
    const found = choices.find((choice) => choice === given);
    if (found === undefined) throw new InvalidArgumentError(`Allowed: ${allowed}.`);
    return found;
  };
  return { value, help: `${help}: ${allowed}`, otherwise: /** @type {D} */ (otherwise), read };
}

/**
 * @template {number | undefined} D
 * @param {string} value @param {string} help @param {D | undefined} otherwise @param {string} allowed
 * @param {(value: number) => boolean} isAllowed
 * @returns {Flag<number | D>}
 */
function numeric(value, help, otherwise, allowed, isAllowed) {
  const read = (/** @type {string} */ given) => {
    const number = given.trim() === '' ? NaN : Number(given);
    if (!isAllowed(number)) throw new InvalidArgumentError(`Allowed: ${allowed}.`);
    return number;
  };
  return { value, help, otherwise: /** @type {D} */ (otherwise), read };
}
