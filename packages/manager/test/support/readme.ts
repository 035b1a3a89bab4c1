import { readFileSync } from 'node:fs';

/** The package's README. */
export const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** What is under a heading of it, until the next one. */
export function section(heading: string): string {
  const [, text = ''] = readme.split(`\n${heading}\n`);
  return text.split(/\n#+ /, 1)[0]!;
}
