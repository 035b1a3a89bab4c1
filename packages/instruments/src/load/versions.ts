/** The version of the server's list that a feed reports, compared with the one that the server gives. */
export class Versions {
  #told: string | undefined;
  #areAlike = false;

  /** What a feed reported last. */
  get told(): string | undefined {
    return this.#told;
  }

  /**
   * Whether feed and server name versions alike: true once they have agreed. Kite says nothing about it, and the length
   * in its feed's ETags is far below that of the list.
   */
  get areAlike(): boolean {
    return this.#areAlike;
  }

  /** Notes what a feed reports. True for news of another version than the given one. */
  hear(told: string, given: string | null): boolean {
    if (told === this.#told) return false;
    this.#told = told;
    return given === null || !this.isTold(given);
  }

  /** Whether the server has given the reported version. True if either names none. */
  isTold(given: string | null): boolean {
    if (given === null || this.#told === undefined) return true;
    const isSame = strong(given) === strong(this.#told);
    this.#areAlike ||= isSame;
    return isSame;
  }
}

/** A weak ETag and a strong one may name the same list. */
function strong(etag: string): string {
  return etag.replace(/^W\//u, '');
}
