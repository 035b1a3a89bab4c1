// Keeps to the plain English of this repository: no phrase of the list below in code, comments, messages or pages, and no
// sentence of a page that is longer than a reader can hold.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { root } from './nx.mjs';

/** What not to write, and what to write in its place. @type {[RegExp, string][]} */
const PHRASES = [
  [/\bwho(m)?ever\b/i, 'anyone who, or name the caller'],
  [/\bfor so long\b(?! that\b)/i, 'for this long, or "how long …" for an option'],
  [/\bso long\b/i, 'this long, long enough'],
  [/\b(is|are|was|were)( not)? to be \w+/i, 'say who does it'],
  [
    /(?<!\bthere )\b(is|are|was|were)( not)? to (do|run|keep|hang|come|go|stand|follow|account|subscribe)\b/i,
    'must, will, or the verb alone',
  ],
  [/\bat rest\b/i, 'settled, or settle first'],
  [/\bfrom the moment on\b/i, 'since, after'],
  [/\bleave\b[^.\n]{0,30}\baway\b/i, 'omit'],
  [/\bcannot happen\b/i, 'must not happen'],
  [/\bnot to pass in silence\b/i, 'report it'],
  [/\bha(s|ve) no word for\b/i, 'say what is missing'],
  [/\bfor (its|their) own sake\b/i, 'without need'],
  [/\b(connections?|accounts?) (that )?(is|are) (in|out of) order\b/i, 'healthy, down'],
  [/\b(whereof|thereof|hereby|wherein)\b/i, 'of which, here'],
];
const MOST_WORDS = 35;
/** Whose sentences are measured: the guides, every README, and the pages at the root. */
const PAGES = /^(docs\/guides\/.*|(.*\/)?README|[A-Z]+|\.changeset\/.*)\.md$/;
const CHECKED = /\.(ts|mjs|js|md|ya?ml|json|html|css)$/;
/** Data, and what others wrote. */
const NOT_OURS =
  /(^|\/)(package-lock\.json|LICENSE|CHANGELOG\.md|CODE_OF_CONDUCT\.md|.*\.corpus\.json)$|fixtures\//;

/** @type {string[]} */
const problems = [];

/** @param {string} file @param {string} text */
function checkPhrases(file, text) {
  for (const [index, line] of text.split('\n').entries()) {
    for (const [phrase, instead] of PHRASES) {
      const [found] = phrase.exec(line) ?? [];
      if (found !== undefined) problems.push(`${file}:${index + 1}: "${found}": write ${instead}`);
    }
  }
}

/** The sentences of a page: paragraphs, items and cells of tables, without code and comments. @param {string} page */
function* sentencesOf(page) {
  const prose = page
    .replace(/<!--[^]*?-->/g, '')
    .replace(/^( *)(`{3,})[^]*?^ *\2\s*$/gm, '')
    // A cell is a paragraph of its own. A bar in code is no edge.
    .replace(/^\|.*\|$/gm, (row) => row.replace(/`[^`]*`/g, 'code').replaceAll('|', '\n\n'))
    .replace(/^#+ .*$/gm, '');
  for (const paragraph of prose.split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )/)) {
    const text = paragraph
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/`[^`]*`/g, 'code')
      .replace(/\s+/g, ' ')
      .trim();
    // A list of links is no sentence.
    if (!text.includes(' · ')) yield* text.split(/(?<=[.!?:;])\s+(?=[A-Z“"(_*]|code)/);
  }
}

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => CHECKED.test(file) && !NOT_OURS.test(file) && file !== 'tools/check-words.mjs')
  .filter((file) => existsSync(path.join(root, file)));
for (const file of files) checkPhrases(file, readFileSync(path.join(root, file), 'utf8'));

const pages = files.filter((file) => PAGES.test(file));
for (const page of pages) {
  for (const sentence of sentencesOf(readFileSync(path.join(root, page), 'utf8'))) {
    const words = sentence.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
    if (words > MOST_WORDS) problems.push(`${page}: ${words} words: "${sentence.slice(0, 90)}…"`);
  }
}

for (const problem of problems) console.error(problem);
console.log(`words of ${files.length} files, sentences of ${pages.length} pages: ${problems.length} errors`);
process.exitCode = problems.length === 0 ? 0 : 1;
