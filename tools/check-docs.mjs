// Checks the READMEs and the guides: every ```ts block compiles against the packages' sources, every relative link leads
// somewhere, and the list of error codes is today's.
//
// Each block is a module of its own. Two HTML comments, which no reader sees, help it along:
//   <!-- ts-preamble
//   declare const apiKey: string;
//   -->                    stands above every later block of the page, until another one replaces it
//   <!-- ts-continue -->   the next block goes on where the one before it ended
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

import { brokenLinks } from './check-docs-links.mjs';
import { errorReferenceIsFresh } from './error-reference.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = ['README.md', ...files('packages', 'README.md'), ...files('docs/guides', '.md')];
const linked = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...pages.filter((page) => page !== 'README.md'),
  ...files('apps', '.md'),
];

/** @param {string} folder @param {string} ending */
function files(folder, ending) {
  return ts.sys
    .readDirectory(path.join(root, folder), ['.md'], ['**/node_modules', '**/dist'])
    .map((file) => path.relative(root, file))
    .filter((file) => file.endsWith(ending))
    .filter((file) => folder !== 'packages' || file.split(path.sep).length === 3);
}

/** @typedef {{ text: string, page: string, line: number }} Line a line of code, and where in which page it is */

/** @param {string} page @returns {Line[][]} the page's modules */
function modulesOf(page) {
  /** @type {Line[][]} */
  const modules = [];
  /** @type {Line[]} */
  let preamble = [];
  /** @type {{ lines: Line[], end: RegExp, kind: 'preamble' | 'block' } | undefined} */
  let open;
  let continues = false;
  for (const [index, text] of readFileSync(path.join(root, page), 'utf8').split('\n').entries()) {
    if (open) {
      if (!open.end.test(text)) open.lines.push({ text, page, line: index + 1 });
      else {
        if (open.kind === 'preamble') preamble = open.lines;
        else if (continues && modules.length > 0) modules.at(-1)?.push(...open.lines);
        else modules.push([...preamble, ...open.lines]);
        if (open.kind === 'block') continues = false;
        open = undefined;
      }
    } else if (/^<!-- ts-preamble\s*$/.test(text)) open = { lines: [], end: /^-->/, kind: 'preamble' };
    else if (/^<!-- ts-continue -->\s*$/.test(text)) continues = true;
    else {
      const fence = /^(\s*)(`{3,})(?:ts|typescript)\b/.exec(text);
      if (fence) open = { lines: [], end: new RegExp(`^\\s*${fence[2]}\\s*$`), kind: 'block' };
    }
  }
  if (open) throw new Error(`${page}: a block is not closed`);
  return modules;
}

/** @type {Map<string, Line[]>} */
const modules = new Map();
for (const page of pages) {
  // Beside node_modules of the root, where every package can be found by its name.
  for (const lines of modulesOf(page)) modules.set(path.join(root, `.docs-block-${modules.size}.ts`), lines);
}

const base = ts.readConfigFile(path.join(root, 'tsconfig.base.json'), ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson(
  {
    ...base.config.compilerOptions,
    lib: ['ES2023', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'],
    types: ['node'],
    moduleDetection: 'force',
    noEmit: true,
    composite: false,
    declaration: false,
    declarationMap: false,
    emitDeclarationOnly: false,
    // An example may show a value that it does not use.
    noUnusedLocals: false,
    noUnusedParameters: false,
  },
  root,
);

const host = ts.createCompilerHost(options);
const onDisk = { ...host };
/** @param {string} file */
const source = (file) =>
  modules
    .get(path.normalize(file))
    ?.map(({ text }) => text)
    .join('\n');
host.getCurrentDirectory = () => root;
/** @param {string} file */
host.fileExists = (file) => modules.has(path.normalize(file)) || onDisk.fileExists(file);
/** @param {string} file */
host.readFile = (file) => source(file) ?? onDisk.readFile(file);
/** @type {typeof host.getSourceFile} */
host.getSourceFile = (file, languageVersion, ...rest) => {
  const text = source(file);
  return text === undefined
    ? onDisk.getSourceFile(file, languageVersion, ...rest)
    : ts.createSourceFile(file, text, languageVersion, true);
};

const program = ts.createProgram([...modules.keys()], options, host);
let errors = program.getOptionsDiagnostics().length + program.getGlobalDiagnostics().length;
for (const diagnostic of [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()]) {
  console.error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
}
for (const [file, lines] of modules) {
  const module = program.getSourceFile(file);
  const found = [...program.getSyntacticDiagnostics(module), ...program.getSemanticDiagnostics(module)];
  for (const { start, messageText, code } of found) {
    const at = module?.getLineAndCharacterOfPosition(start ?? 0);
    const line = lines[at?.line ?? 0];
    const message = ts.flattenDiagnosticMessageText(messageText, '\n  ');
    console.error(`${line?.page}:${line?.line}:${(at?.character ?? 0) + 1} TS${code}: ${message}`);
    errors += 1;
  }
}

for (const problem of brokenLinks(root, linked)) {
  console.error(problem);
  errors += 1;
}
if (!(await errorReferenceIsFresh())) {
  console.error('docs/guides/error-handling.md is stale: run `node tools/error-reference.mjs`');
  errors += 1;
}
console.log(
  `${modules.size} modules from ${pages.length} pages, links of ${linked.length} pages, ${errors} errors`,
);
process.exitCode = errors === 0 ? 0 : 1;
