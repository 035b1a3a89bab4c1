import type { Finding } from './first-finding.js';
import type { Patch } from './patch.js';

/** What came of one mutant. */
export interface Outcome {
  readonly patch: Patch;
  /** Undefined: no seed has shown it. */
  readonly finding?: Finding | undefined;
  /** Why there is no mutant: the patch does not apply, or the tree does not build. */
  readonly broken?: string;
}

/** An outcome in one line. */
export function outcomeText({ patch, finding, broken }: Outcome): string {
  const what = finding
    ? `seed ${finding.seed}, ${finding.scenario}: ${finding.failure.rule}`
    : broken === undefined
      ? 'NOT FOUND'
      : `BROKEN: ${broken}`;
  return `${patch.name.padEnd(34)} ${what}`;
}

/** All outcomes as a table in Markdown. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ patch, finding, broken }) => [
    `\`${patch.name}\``,
    patch.breaks.replaceAll('|', '\\|'),
    finding ? `\`${finding.scenario}\`` : '',
    finding ? String(finding.seed) : broken === undefined ? 'not found' : 'broken',
    finding ? `\`${finding.failure.rule}\`` : '',
  ]);
  const head = ['Mutant', 'What it breaks', 'Scenario', 'First seed', 'Rule'];
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]!.length), title.length),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
