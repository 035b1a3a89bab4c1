// Writes the list of error codes in docs/guides/error-handling.md from the packages' own lists, so that the page cannot
// miss one: `node tools/error-reference.mjs`. With --check it writes nothing, and fails when the page is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import prettier from 'prettier';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = path.join(root, 'docs/guides/error-handling.md');
const packages = [
  'protocol',
  'raw',
  'calendar',
  'instruments',
  'bars',
  'connection',
  'manager',
  'multi-api',
  'nats',
  'simulator',
];

/** @typedef {{ code: string, cause: string, cure: string }} Entry */

/** The list of one package, from its source: it imports nothing but types. @param {string} name @returns {Promise<Entry[]>} */
async function codesOf(name) {
  const source = readFileSync(path.join(root, 'packages', name, 'src/error-codes.ts'), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const module = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);
  const lists = Object.entries(module).filter(([list]) => list.endsWith('_ERRORS'));
  if (lists.length !== 1) throw new Error(`${name}: ${lists.length} lists of error codes instead of one`);
  return Object.entries(lists[0]?.[1] ?? {}).map(([code, entry]) => ({ code, ...entry }));
}

/** @param {string} text the page @returns {Promise<string>} the page with today's codes */
async function withCodes(text) {
  const marked = /(<!-- codes:begin[^\n]*-->\n)[^]*(<!-- codes:end -->)/;
  if (!marked.test(text)) throw new Error(`${page}: the marks of the list are missing`);
  /** @type {string[]} */
  const sections = [];
  for (const name of packages) {
    const entries = (await codesOf(name)).map(
      ({ code, cause, cure }) => `#### ${code}\n\n${cause}\n\n**Cure:** ${cure}`,
    );
    sections.push([`### @kite/${name}`, ...entries].join('\n\n'));
  }
  const updated = text.replace(marked, (_, begin, end) => `${begin}\n${sections.join('\n\n')}\n\n${end}`);
  return prettier.format(updated, { ...(await prettier.resolveConfig(page)), filepath: page });
}

/** Whether the page says what the packages say. */
export async function errorReferenceIsFresh() {
  const text = readFileSync(page, 'utf8');
  return (await withCodes(text)) === text;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (!process.argv.includes('--check')) writeFileSync(page, await withCodes(readFileSync(page, 'utf8')));
  else if (!(await errorReferenceIsFresh())) {
    console.error('docs/guides/error-handling.md is stale: run `node tools/error-reference.mjs`');
    process.exitCode = 1;
  }
}
