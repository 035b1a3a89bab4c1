interface RowIssueBase {
  /** The line number, from 1. The header is the first line. */
  line: number;
  /** The beginning of the line: 200 characters at most. */
  text: string;
  /** What is wrong, in words. */
  message: string;
}

/** A line that is no row: too many or too few cells, or a misplaced quote. It is skipped. */
interface MalformedRowIssue extends RowIssueBase {
  kind: 'malformed-row';
}

/** A row with an invalid cell: a token that is no number, a date that does not exist. It is skipped. */
interface InvalidCellIssue extends RowIssueBase {
  kind: 'invalid-cell';
  /** The column, as the header names it. */
  column: string;
}

/** A row with the token of an earlier one. It is skipped. */
interface RepeatedTokenIssue extends RowIssueBase {
  kind: 'repeated-token';
  /** The token of both. */
  instrumentToken: number;
}

/** The cache could not be read or written. The list itself is fine. */
interface CacheIssue {
  kind: 'cache';
  /** What is wrong, in words. */
  message: string;
}

/** What is wrong with a list, or with its cache. Reported, never thrown: the rest is loaded. */
export type ListIssue = MalformedRowIssue | InvalidCellIssue | RepeatedTokenIssue | CacheIssue;

/** A {@link ListIssue} of a row, without its line. */
export type RowFlaw =
  | { kind: 'malformed-row'; message: string }
  | { kind: 'invalid-cell'; column: string; message: string }
  | { kind: 'repeated-token'; instrumentToken: number; message: string };
