// Checks the READMEs and the guides: every block of TypeScript compiles by itself against the packages' sources, every
// relative link leads somewhere, every npm script that is named is there, and the list of error codes is today's. `npm run docs:run` runs the blocks.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

import { unknownCommands } from './check-docs-commands.mjs';
import { brokenLinks } from './check-docs-links.mjs';
import { blocksOf, pagesOf } from './docs-blocks.mjs';
import { compile } from './docs-compile.mjs';
import { errorReferenceIsFresh } from './error-reference.mjs';
import { guideGroups } from './guide-groups.mjs';
import { root } from './nx.mjs';

const pages = pagesOf(root);
const linked = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...pages.filter((page) => page !== 'README.md'),
  ...ts.sys
    .readDirectory(path.join(root, 'apps'), ['.md'], ['**/node_modules', '**/dist'])
    .map((file) => path.relative(root, file)),
];

const base = ts.readConfigFile(path.join(root, 'tsconfig.base.json'), ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson(base.config.compilerOptions, root);
const blocks = pages.flatMap((page) => blocksOf(root, page));
const problems = [...compile(blocks, root, options), ...brokenLinks(root, linked), ...unknownCommands(root)];
const listed = guideGroups(root).flatMap((group) => group.pages);
for (const page of pages)
  if (page.startsWith('docs/guides/') && !listed.includes(page))
    problems.push(`${page}: the README does not list it under Guides, so the site does not have it`);
if (!(await errorReferenceIsFresh()))
  problems.push('docs/guides/error-handling.md is stale: run `node tools/error-reference.mjs`');

for (const problem of problems) console.error(problem);
console.log(
  `${blocks.length} blocks of ${pages.length} pages, links of ${linked.length} pages, ${problems.length} errors`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
