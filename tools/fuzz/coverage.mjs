/** Which branches inputs have reached, and about how often: one more time in a loop is nothing new, twice as often is. */
export class Coverage {
  /** Counted by the instrumented code. */
  counters;
  /** A bit for each order of magnitude that was seen. @type {Uint8Array} */
  #seen;

  /** @param {number} branches */
  constructor(branches) {
    this.counters = new Uint32Array(branches);
    this.#seen = new Uint8Array(branches);
  }

  /** Branches that were reached. */
  get reached() {
    return this.#seen.reduce((sum, bits) => sum + Number(bits !== 0), 0);
  }

  /** What the last input has reached, as one text for each branch and magnitude. */
  get features() {
    /** @type {string[]} */
    const features = [];
    for (const [branch, count] of this.counters.entries())
      if (count > 0) features.push(`${branch}:${magnitude(count)}`);
    return features;
  }

  /** Before each input. */
  begin() {
    this.counters.fill(0);
  }

  /** Whether the last input has reached something new. */
  end() {
    let isNew = false;
    const { counters } = this;
    for (let branch = 0; branch < counters.length; branch++) {
      const count = /** @type {number} */ (counters[branch]);
      if (count === 0) continue;
      const bit = 1 << magnitude(count);
      const seen = /** @type {number} */ (this.#seen[branch]);
      if ((seen & bit) !== 0) continue;
      this.#seen[branch] = seen | bit;
      isNew = true;
    }
    return isNew;
  }
}

/** 0 for one, 1 for two and three, 2 for four to seven, … @param {number} count */
function magnitude(count) {
  return Math.min(7, 31 - Math.clz32(count));
}
