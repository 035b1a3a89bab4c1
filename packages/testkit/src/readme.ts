import { readFileSync } from 'node:fs';

/** A README, as the tests read it that hold it to its word. */
export class Readme {
  readonly text: string;

  constructor(file: URL) {
    this.text = readFileSync(file, 'utf8');
  }

  /** What is under a heading, until the next one. */
  section(heading: string): string {
    const [, text = ''] = this.text.split(`\n${heading}\n`);
    return text.split(/\n#+ /, 1)[0]!;
  }

  /** The rows of the table under a heading: each row's cells, without the backticks around a single code. */
  table(heading: string): string[][] {
    const rows = this.section(heading).match(/^\|.*\|$/gm) ?? [];
    return rows.slice(2).map((row) =>
      row
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')),
    );
  }

  /** The first two columns of the table of options: each option, and its default. */
  options(): Record<string, string> {
    return Object.fromEntries(this.table('## Options').map(([option = '', value = '']) => [option, value]));
  }

  /** The first program under a heading. */
  program(heading: string): string {
    return /^```ts\n(.*?)^```/ms.exec(this.section(heading))![1]!;
  }

  /** Those of the names that it has nowhere in code type. */
  lacks(names: readonly string[]): string[] {
    return names.filter((name) => !this.text.includes(`\`${name}\``));
  }
}
