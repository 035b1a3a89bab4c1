import { emitKeypressEvents, type Key } from 'node:readline';

/**
 * Calls back with the name of each key, until disposed; undefined without a terminal. In raw mode a terminal leaves
 * Ctrl-C to the program: here it ends the example as usual, and so does q.
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
