/** One entry of a package's list of error codes: why it happens and what helps. */
export interface ErrorCodeEntry {
  /** Why it happens. */
  readonly cause: string;
  /** What helps. */
  readonly cure: string;
}
