import path from 'node:path';
import ts from 'typescript';

import { nameOf } from './docs-blocks.mjs';

/**
 * Type-checks the blocks, each as a module beside the `node_modules` of a folder.
 *
 * @param {readonly import('./docs-blocks.mjs').Block[]} blocks
 * @param {string} folder whose packages they import
 * @param {ts.CompilerOptions} base
 * @returns {string[]} what is wrong, each with its place in the page
 */
export function compile(blocks, folder, base) {
  /** @type {ts.CompilerOptions} */
  const options = {
    ...base,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: ['node'],
    moduleDetection: ts.ModuleDetectionKind.Force,
    noEmit: true,
    composite: false,
    declaration: false,
    declarationMap: false,
    emitDeclarationOnly: false,
    // An example may show a value that it does not use.
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
  const modules = new Map(
    blocks.map((block, index) => [path.join(folder, `.docs-block-${index}.ts`), block]),
  );
  const host = ts.createCompilerHost(options);
  const onDisk = { ...host };
  /** @param {string} file */
  const source = (file) =>
    modules
      .get(path.normalize(file))
      ?.lines.map(({ text }) => text)
      .join('\n');
  host.getCurrentDirectory = () => folder;
  host.fileExists = (file) => modules.has(path.normalize(file)) || onDisk.fileExists(file);
  host.readFile = (file) => source(file) ?? onDisk.readFile(file);
  host.getSourceFile = (file, languageVersion, ...rest) => {
    const text = source(file);
    return text === undefined
      ? onDisk.getSourceFile(file, languageVersion, ...rest)
      : ts.createSourceFile(file, text, languageVersion, true);
  };

  const program = ts.createProgram([...modules.keys()], options, host);
  const problems = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()].map(
    ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'),
  );
  for (const [file, block] of modules) {
    const module = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(module), ...program.getSemanticDiagnostics(module)];
    for (const { start, messageText, code } of found) {
      const at = module?.getLineAndCharacterOfPosition(start ?? 0);
      const line = block.lines[at?.line ?? 0]?.line;
      const place = line === undefined ? nameOf(block) : `${block.page}:${line}:${(at?.character ?? 0) + 1}`;
      problems.push(`${place} TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n  ')}`);
    }
  }
  return problems;
}
