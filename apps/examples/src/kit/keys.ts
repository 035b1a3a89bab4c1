import { emitKeypressEvents, type Key } from 'node:readline';

/**
 * Calls for each key by its name, until it is disposed; undefined without a terminal. In raw mode a terminal leaves Ctrl-C to
 * the program: it ends the example as it always does, and so does q.
 */
export function listenToKeys(onKey: (name: string) => void): Disposable | undefined {
  const { stdin } = process;
  if (!stdin.isTTY) return undefined;
  const listener = (_text: string | undefined, { name, ctrl }: Key): void => {
    if (name === 'q' || (ctrl && name === 'c')) process.emit('SIGINT');
    else if (name !== undefined && !ctrl) onKey(name);
  };
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.on('keypress', listener);
  stdin.resume();
  return {
    [Symbol.dispose]() {
      stdin.off('keypress', listener);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
