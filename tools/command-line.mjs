// The command line of a program of this repository: `--help`, and wrong usage in one line with exit code 2. 1 is left for
// what the program itself found.
import { parseArgs } from 'node:util';

/**
 * @template T
 * @typedef {object} Option
 * @property {string} [value] what it takes, as the help shows it; a switch takes nothing
 * @property {string} help
 * @property {(text: string | undefined) => T} read of undefined: what holds without the option. Throws a UsageError.
 */

/**
 * @template {Readonly<Record<string, Option<unknown>>>} O
 * @typedef {object} Usage
 * @property {string} command as it is typed
 * @property {string} about one sentence
 * @property {O} [options] by their names, without dashes
 * @property {string} [operands] what may follow the command, as the help shows it
 * @property {string} [more] lines below the options
 */

/** What a text may not be. The option or the operand is named by who reports it. */
export class UsageError extends Error {}

/**
 * Reads this process's arguments. Prints the help and ends the process with 0, or a mistake and ends it with 2.
 *
 * @template {Readonly<Record<string, Option<unknown>>>} [O={}]
 * @param {Usage<O>} usage
 * @returns {{ options: { [K in keyof O]: ReturnType<O[K]['read']> }, operands: string[] }}
 */
export function readCommandLine(usage) {
  const options = Object.entries(usage.options ?? {});
  /** @type {Record<string, { type: 'string' | 'boolean', short?: string }>} */
  const known = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { value }] of options) known[name] = { type: value === undefined ? 'boolean' : 'string' };
  try {
    const { values, positionals } = parseArgs({
      options: known,
      allowPositionals: usage.operands !== undefined,
    });
    if (values['help']) {
      console.log(helpOf(usage));
      process.exit(0);
    }
    const read = options.map(([name, option]) => [name, readOne(name, option, values[name])]);
    return { options: Object.fromEntries(read), operands: positionals };
  } catch (error) {
    if (error instanceof UsageError) return refuse(error.message);
    // Only the first sentence: Node's advice after it is about something else.
    if (isOfParseArgs(error))
      return refuse(`${lowered(error.message.split(/\.?\n|\. /)[0] ?? '')}; see --help`);
    throw error;
  }
}

/** Reports wrong usage and ends the process. @param {string} text @returns {never} */
export function refuse(text) {
  console.error(`error: ${text}`);
  process.exit(2);
}

/** An option that takes nothing. @param {string} help @returns {Option<boolean>} */
export function toggle(help) {
  return { help, read: (text) => text !== undefined };
}

/** An option that takes any text. @param {string} value @param {string} help @returns {Option<string | undefined>} */
export function text(value, help) {
  return { value, help, read: (given) => given };
}

/**
 * An option that takes an integer.
 *
 * @template {number | undefined} [D=undefined]
 * @param {string} value @param {string} help @param {{ from?: number, otherwise?: D }} [limits]
 * @returns {Option<number | D>}
 */
export function integer(value, help, { from = -Infinity, otherwise } = {}) {
  const allowed = from === -Infinity ? 'an integer' : `an integer from ${from}`;
  return numberOption(value, help, otherwise, allowed, (one) => Number.isSafeInteger(one) && one >= from);
}

/**
 * An option that takes a number above 0.
 *
 * @template {number | undefined} [D=undefined]
 * @param {string} value @param {string} help @param {{ otherwise?: D }} [limits]
 * @returns {Option<number | D>}
 */
export function positive(value, help, { otherwise } = {}) {
  return numberOption(value, help, otherwise, 'a number above 0', (one) => one > 0 && one < Infinity);
}

/**
 * An option that takes one of these words.
 *
 * @template {string} T
 * @template {T | undefined} [D=undefined]
 * @param {string} value @param {readonly T[]} choices @param {string} help @param {{ otherwise?: D }} [limits]
 * @returns {Option<T | D>}
 */
export function oneOf(value, choices, help, { otherwise } = {}) {
  const read = (/** @type {string | undefined} */ given) => {
    if (given === undefined) return /** @type {D} */ (otherwise);
    const found = choices.find((choice) => choice === given);
    if (found === undefined) throw new UsageError(choices.join(', '));
    return found;
  };
  const initial = otherwise === undefined ? '' : ` (default: ${otherwise})`;
  return { value, help: `${help}: ${choices.join(', ')}${initial}`, read };
}

/**
 * @template {number | undefined} D
 * @param {string} value @param {string} help @param {D | undefined} otherwise @param {string} allowed
 * @param {(value: number) => boolean} isAllowed
 * @returns {Option<number | D>}
 */
function numberOption(value, help, otherwise, allowed, isAllowed) {
  const read = (/** @type {string | undefined} */ given) => {
    if (given === undefined) return /** @type {D} */ (otherwise);
    const number = given.trim() === '' ? NaN : Number(given);
    if (!isAllowed(number)) throw new UsageError(allowed);
    return number;
  };
  return { value, help: otherwise === undefined ? help : `${help} (default: ${otherwise})`, read };
}

/** @template T @param {string} name @param {Option<T>} option @param {string | boolean | undefined} given @returns {T} */
function readOne(name, option, given) {
  try {
    return option.read(given === undefined ? undefined : String(given));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`--${name} is '${given}'; allowed: ${error.message}`);
  }
}

/** @param {Usage<Readonly<Record<string, Option<unknown>>>>} usage */
function helpOf({ command, about, options = {}, operands, more }) {
  const rows = Object.entries(options).map(([name, { value, help }]) => [
    `--${name}${value === undefined ? '' : ` ${value}`}`,
    help,
  ]);
  rows.push(['-h, --help', 'this text']);
  const width = Math.max(...rows.map(([flags = '']) => flags.length));
  const lines = rows.flatMap(([flags = '', help = '']) => {
    const [first = '', ...rest] = wrapped(help, WIDTH - width - 4);
    return [`  ${flags.padEnd(width)}  ${first}`, ...rest.map((line) => `${' '.repeat(width + 4)}${line}`)];
  });
  const usage = `Usage: ${[command, '[options]', operands].filter(Boolean).join(' ')}`;
  return [usage, '', ...wrapped(about, WIDTH), '', ...lines, ...(more === undefined ? [] : ['', more])].join(
    '\n',
  );
}

const WIDTH = 80;

/** @param {string} text @param {number} width @returns {string[]} */
function wrapped(text, width) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** @param {string} sentence */
function lowered(sentence) {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** @param {unknown} error @returns {error is Error} */
function isOfParseArgs(error) {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}
