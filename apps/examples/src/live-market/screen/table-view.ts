import type { Key } from 'node:readline';
import type { ChannelId } from '@kite/manager';

import type { Lifetime } from '../../kit/lifetime.js';
import { aborted } from '../aborted.js';
import { ALL, type Listing, nextOrder } from '../listings.js';
import type { LiveMarket } from '../live-market.js';
import { FilterPrompt } from './filter-prompt.js';
import { type Action, actionOf } from './keys.js';
import { pictureOf } from './screen.js';
import { Terminal, type TerminalStreams } from './terminal.js';

/** Five pictures a second: readers can follow them, and the cost does not affect the stream. */
const PICTURE_MS = 200;

/** How far a page scrolls in the help, in lines. */
const HELP_PAGE = 10;

/** Shows the market on the terminal and handles its keys, until the program ends. */
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
  #listing: Listing = ALL;
  /** Set while the filter is being typed. */
  #prompt: FilterPrompt | undefined;
  /** The first help line, while help is shown. */
  #helpFrom: number | undefined;
  #first = 0;
  #chosen: ChannelId = 0;
  #pageSize = 1;

  constructor(market: LiveMarket, streams: TerminalStreams, quit: () => void) {
    this.#market = market;
    this.#quit = quit;
    this.#terminal = new Terminal(streams, {
      onResize: () => this.draw(),
      onKey: (key) => this.#press(key),
    });
  }

  draw(): void {
    const { size, hasKeys } = this.#terminal;
    const { lines, first, pageSize, helpFrom } = pictureOf(this.#market, this.#market.snapshot(), {
      ...size,
      hasKeys,
      listing: this.#listing,
      first: this.#first,
      chosen: this.#chosen,
      isTyping: this.#prompt !== undefined,
      helpFrom: this.#helpFrom,
    });
    this.#first = first;
    this.#pageSize = pageSize;
    if (this.#helpFrom !== undefined) this.#helpFrom = helpFrom;
    this.#terminal.show(lines);
  }

  [Symbol.dispose](): void {
    this.#terminal[Symbol.dispose]();
  }

  #press(key: Key): void {
    const action = actionOf(key);
    if (key.ctrl) {
      if (action === 'quit') this.#quit();
      return;
    }
    if (this.#prompt) this.#type(this.#prompt, key);
    else if (this.#helpFrom !== undefined) this.#read(this.#helpFrom, action);
    else if (action !== undefined) this.#act(action);
    this.draw();
  }

  #type(prompt: FilterPrompt, key: Key): void {
    prompt.press(key);
    this.#list({ filter: prompt.text });
    if (!prompt.isOpen) this.#prompt = undefined;
  }

  /** In the help, arrows scroll and every other key leaves it. */
  #read(from: number, action: Action | undefined): void {
    const isScroll = typeof action === 'object' && 'scroll' in action;
    this.#helpFrom = isScroll ? from + action.by * (action.scroll === 'line' ? 1 : HELP_PAGE) : undefined;
    if (action === 'quit') this.#quit();
  }

  #act(action: Action): void {
    switch (action) {
      case 'quit':
        this.#quit();
        return;
      case 'help':
        this.#helpFrom = 0;
        return;
      case 'filter':
        this.#prompt = new FilterPrompt(this.#listing.filter);
        return;
      case 'order':
        this.#list({ order: nextOrder(this.#listing.order) });
        return;
      case 'back':
        this.#list(ALL);
        return;
      case 'drop':
      case 'stall':
      case 'outage':
        void this.#market.inject(action, this.#chosen);
        return;
      default:
        if ('choose' in action) this.#choose(action.choose);
        else this.#scroll(action);
    }
  }

  /** A new listing begins at its start. */
  #list(listing: Partial<Listing>): void {
    this.#listing = { ...this.#listing, ...listing };
    this.#first = 0;
  }

  #scroll({ scroll, by }: { scroll: 'line' | 'page' | 'all'; by: -1 | 1 }): void {
    const sizes = { line: 1, page: this.#pageSize, all: this.#market.feed.watched.length };
    this.#first += by * sizes[scroll];
  }

  #choose(channelId: ChannelId): void {
    if (channelId < this.#market.snapshot().connections.length) this.#chosen = channelId;
  }
}
