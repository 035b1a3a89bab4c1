/** The progress of an Nx build, from its output: `3 of 9: @kite/raw`. */
export class BuildProgress {
  #total: number | undefined;
  #done = 0;
  #rest = '';

  /** Takes Nx's output since the last call; returns new progress, if any. */
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

/** Nx's title, with the number of builds. */
const TOTAL = /Running target \S+ for project \S+ and (\d+) tasks? it depends on/;

/** Nx prints this above the output of each finished build. */
const DONE = /^> nx run ([^\s:]+):build\b/;
