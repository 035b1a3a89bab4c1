/** How far Nx is with a build, out of what it prints: `3 of 9: @kite/raw`. */
export class BuildProgress {
  #total: number | undefined;
  #done = 0;
  #rest = '';

  /** Takes what Nx has printed since the last call. What is new to tell, if anything. */
  read(printed: string): string | undefined {
    const lines = (this.#rest + printed).split('\n');
    this.#rest = lines.pop()!;
    let news: string | undefined;
    for (const line of lines) news = this.#note(line) ?? news;
    return news;
  }

  #note(line: string): string | undefined {
    const [, total] = TOTAL.exec(line) ?? [];
    if (total !== undefined) this.#total = Number(total);
    const [, name] = DONE.exec(line) ?? [];
    if (name === undefined || this.#total === undefined) return undefined;
    this.#done++;
    return `${this.#done} of ${this.#total}: ${name}`;
  }
}

/** Nx's title: how many builds there are. */
const TOTAL = /Running target \S+ for project \S+ and (\d+) tasks? it depends on/;

/** Nx prints this above the output of a build, once that has ended. */
const DONE = /^> nx run ([^\s:]+):build\b/;
