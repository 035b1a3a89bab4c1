import { FEED_PATH } from '../relay-message.js';
import { Board } from './board.js';
import { RelayClient } from './relay-client.js';
import { listenForShortcuts } from './shortcuts.js';
import { Theme } from './theme.js';

/** How often ages and rates change. */
const TICK_MS = 1000;

/** How far Page Up and Page Down go. */
const PAGE_ROWS = 10;

// The client passes messages to the board, and the board sends requests to the client.
const board: Board = new Board((message) => relay.send(message));
const relay = new RelayClient(`ws://${location.host}${FEED_PATH}`, board);
const { watchList, intervals, form } = board;
const theme = new Theme(() => board.chart.recolour());

listenForShortcuts({
  j: () => watchList.step(1),
  k: () => watchList.step(-1),
  ArrowDown: () => watchList.step(1),
  ArrowUp: () => watchList.step(-1),
  PageDown: () => watchList.step(PAGE_ROWS),
  PageUp: () => watchList.step(-PAGE_ROWS),
  Home: () => watchList.step(-Infinity),
  End: () => watchList.step(Infinity),
  '/': () => watchList.focusFilter(),
  Escape: () => watchList.clearFilter(),
  '+': () => form.focus(),
  Delete: () => form.remove(),
  '[': () => intervals.step(-1),
  ']': () => intervals.step(1),
  t: () => theme.toggle(),
});

/** On the second, so that the clock is not behind the ticks. */
function tick(): void {
  board.tick();
  setTimeout(tick, TICK_MS - (Date.now() % TICK_MS));
}

tick();
relay.connect();
