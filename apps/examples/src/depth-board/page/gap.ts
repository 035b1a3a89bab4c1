/** A span in which nothing was received, in Unix milliseconds. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}
