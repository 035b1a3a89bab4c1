/** When each instrument was wanted, by what the program asked for. */
export class Wanted {
  readonly #changes = new Map<number, { readonly at: number; readonly isWanted: boolean }[]>();

  note(tokens: Iterable<number>, at: number, isWanted: boolean): void {
    for (const token of tokens) {
      let changes = this.#changes.get(token);
      if (!changes) this.#changes.set(token, (changes = []));
      changes.push({ at, isWanted });
    }
  }

  /** Since when the instrument is wanted that is wanted at this time; undefined: it is not. */
  since(token: number, at: number): number | undefined {
    let since: number | undefined;
    for (const change of this.#changes.get(token) ?? []) {
      if (change.at > at) break;
      since = change.isWanted ? (since ?? change.at) : undefined;
    }
    return since;
  }

  /** Whether the instrument was wanted throughout a span. */
  throughout(token: number, from: number, to: number): boolean {
    let isWanted = false;
    for (const change of this.#changes.get(token) ?? []) {
      if (change.at > to) break;
      if (change.at <= from) isWanted = change.isWanted;
      else if (!change.isWanted) return false;
    }
    return isWanted;
  }
}
