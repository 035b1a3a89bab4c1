import { spawn } from 'node:child_process';

/**
 * How long a program may take to end, or to print something. It is much longer than any takes on an idle machine, because
 * continuous integration is not one.
 */
const PATIENCE_MS = 60_000;
/** A program that has printed goes on for this long before it is stopped: what fails at once is seen to fail. */
const LOOK_MS = 400;
const LINES_ENOUGH = 3;

/**
 * Runs a program of the documentation as a reader would: until it ends, or until it has printed and is stopped by Ctrl-C.
 *
 * @param {string} file @param {string} folder where it runs
 * @returns {Promise<{ end: 'ended' | 'stopped' | 'failed', why: string, output: string[] }>}
 */
export function run(file, folder) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KITE_')));
  const child = spawn(process.execPath, [file], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let complained = '';
  let interrupted = false;
  let overdue = false;
  const interrupt = () => {
    interrupted = true;
    child.kill('SIGINT');
  };
  const patience = setTimeout(() => {
    overdue = true;
    child.kill('SIGKILL');
  }, PATIENCE_MS);
  /** @type {NodeJS.Timeout | undefined} */
  let look;
  child.stdout.on('data', (data) => {
    printed += data;
    if (printed.split('\n').length > LINES_ENOUGH) look ??= setTimeout(interrupt, LOOK_MS);
    else look ??= setTimeout(interrupt, LOOK_MS * 5);
  });
  child.stderr.on('data', (data) => (complained += data));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(patience);
      clearTimeout(look);
      const output = printed.split('\n').slice(0, -1);
      const failed = (/** @type {string} */ why) => resolve({ end: 'failed', why, output });
      if (overdue && interrupted) failed('it goes on after Ctrl-C');
      else if (overdue) failed(`it neither ended nor printed in ${PATIENCE_MS / 1000} s`);
      else if (/^\(node:\d+\) /m.test(complained)) failed(complained);
      else if (code === 0) resolve({ end: interrupted ? 'stopped' : 'ended', why: '', output });
      else if (interrupted && (signal === 'SIGINT' || code === 130))
        resolve({ end: 'stopped', why: '', output });
      else failed(`exit code ${code ?? signal}: ${complained}`);
    });
  });
}

/**
 * What `// →` at the end of a line says that it prints, in this order among what it printed.
 *
 * @param {string} text @param {readonly string[]} output
 * @returns {string | undefined} what is missing
 */
export function missing(text, output) {
  let from = 0;
  for (const [, line = ''] of text.matchAll(/\/\/ → (.*)$/gm)) {
    const at = output.indexOf(line, from);
    if (at < 0) return line;
    from = at + 1;
  }
  return undefined;
}
