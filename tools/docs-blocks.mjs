// The TypeScript programs of the documentation. Each block that is marked `ts` is a module of its own: what a reader copies
// is all that it has. An HTML comment, which no reader sees, stands before a block that cannot run without an account:
//   <!-- live: needs an account -->   it is compiled, and listed by name
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @typedef {{
 *   page: string, line: number, lines: { text: string, line: number }[], live?: string
 * }} Block `line` is that of the first line of code; `live` says why it is not run
 */

/** The pages whose blocks are programs. @param {string} root the repository @returns {string[]} relative to it */
export function pagesOf(root) {
  const inFolder = (/** @type {string} */ folder) => readdirSync(path.join(root, folder)).sort();
  return [
    'README.md',
    ...inFolder('packages')
      .map((name) => `packages/${name}/README.md`)
      .filter((page) => exists(path.join(root, page))),
    ...inFolder('docs/guides')
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/guides/${name}`),
  ];
}

/** @param {string} file */
function exists(file) {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} root @param {string} page relative to the root @returns {Block[]} */
export function blocksOf(root, page) {
  /** @type {Block[]} */
  const blocks = [];
  /** @type {string | undefined} */
  let live;
  /** @type {{ lines: Block['lines'], end: RegExp, line: number } | undefined} */
  let open;
  for (const [index, text] of readFileSync(path.join(root, page), 'utf8').split('\n').entries()) {
    const line = index + 1;
    if (open) {
      if (!open.end.test(text)) open.lines.push({ text, line });
      else {
        blocks.push({ page, line: open.line, lines: open.lines, ...(live === undefined ? {} : { live }) });
        live = undefined;
        open = undefined;
      }
      continue;
    }
    if (/^<!-- ts-(preamble|continue)/.test(text))
      throw new Error(`${page}:${line}: a block is a whole program, and nothing hidden belongs to it`);
    live = /^<!-- live: (.+) -->\s*$/.exec(text)?.[1] ?? live;
    const fence = /^\s*(`{3,})(?:ts|typescript)\b/.exec(text);
    if (fence) open = { lines: [], end: new RegExp(`^\\s*${fence[1]}\\s*$`), line: line + 1 };
  }
  if (open) throw new Error(`${page}:${open.line}: a block is not closed`);
  return blocks;
}

/** @param {Block} block */
export function nameOf({ page, line }) {
  return `${page}:${line}`;
}
