import type { ChannelId } from '@kite/manager';

import { aborted } from '../aborted.js';
import type { Lifetime } from '../lifetime.js';
import type { LiveMarket } from '../live-market.js';
import { type Action, actionOf } from './keys.js';
import { pictureOf } from './screen.js';
import { Terminal, type TerminalStreams } from './terminal.js';

/** Five pictures a second: what a reader can follow, at a cost that the stream does not notice. */
const PICTURE_MS = 200;

/** Shows the market on the terminal, and does what its keys say, until the end of the program. */
export async function showTable(
  market: LiveMarket,
  lifetime: Pick<Lifetime, 'signal' | 'end'>,
  streams: TerminalStreams = process,
): Promise<void> {
  using view = new TableView(market, streams, () => lifetime.end());
  const timer = setInterval(() => view.draw(), PICTURE_MS);
  view.draw();
  await aborted(lifetime.signal);
  clearInterval(timer);
}

class TableView implements Disposable {
  readonly #market: LiveMarket;
  readonly #quit: () => void;
  readonly #terminal: Terminal;
  #first = 0;
  #chosen: ChannelId = 0;
  #pageSize = 1;

  constructor(market: LiveMarket, streams: TerminalStreams, quit: () => void) {
    this.#market = market;
    this.#quit = quit;
    this.#terminal = new Terminal(streams, {
      onResize: () => this.draw(),
      onKey: (key) => this.#act(actionOf(key)),
    });
  }

  draw(): void {
    const { size, hasKeys } = this.#terminal;
    const frame = { ...size, first: this.#first, chosen: this.#chosen, hasKeys };
    const { lines, first, pageSize } = pictureOf(this.#market, this.#market.snapshot(), frame);
    this.#first = first;
    this.#pageSize = pageSize;
    this.#terminal.show(lines);
  }

  [Symbol.dispose](): void {
    this.#terminal[Symbol.dispose]();
  }

  #act(action: Action | undefined): void {
    if (action === undefined) return;
    if (action === 'quit') this.#quit();
    else if (typeof action === 'string') void this.#market.inject(action, this.#chosen);
    else if ('choose' in action) this.#choose(action.choose);
    else this.#first += action.by * (action.scroll === 'page' ? this.#pageSize : 1);
    this.draw();
  }

  #choose(channelId: ChannelId): void {
    if (channelId < this.#market.snapshot().connections.length) this.#chosen = channelId;
  }
}
