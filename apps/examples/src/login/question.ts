import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { KiteInputError } from '@kite/manager';

/** Shows nothing: typed text stays off the screen and out of its history. */
const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });

/**
 * Asks for a secret, at the terminal or from a pipe. Only the returned answer holds it.
 *
 * @throws KiteInputError `KITE_EXAMPLES_NO_ANSWER` if the input ends without one
 */
export async function askSecret(question: string, signal: AbortSignal): Promise<string> {
  const isTerminal = process.stdin.isTTY;
  const lines = createInterface({ input: process.stdin, output: nowhere(), terminal: isTerminal });
  // At a terminal the reader takes Ctrl-C away from the process.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  // Not to standard output: only the token goes there, for scripts.
  process.stderr.write(question);
  try {
    const ended = new Promise<never>((_resolve, reject) => lines.once('close', () => reject(noAnswer())));
    const answer = (await Promise.race([lines.question('', { signal }), ended])).trim();
    if (answer === '') throw noAnswer();
    return answer;
  } finally {
    lines.close();
    if (isTerminal) process.stderr.write('\n');
  }
}

function noAnswer(): KiteInputError {
  return new KiteInputError(
    'KITE_EXAMPLES_NO_ANSWER',
    { field: 'API secret', value: undefined, allowed: 'a non-empty line' },
    'no API secret was given; it stands in the developer console, beside the API key',
  );
}
