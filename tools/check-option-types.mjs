// `npm run check:options`: every optional property of a public option takes an explicit `undefined`, also where a user's
// project has `exactOptionalPropertyTypes`. Looks at all exported types that are named options or config, at the
// parameters of exported functions, constructors and methods, and at the options inside these.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

/** @param {string} name */
function isPublished(name) {
  const manifest = `packages/${name}/package.json`;
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).private !== true;
}

const { config } = ts.readConfigFile('tsconfig.base.json', ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
const entries = readdirSync('packages')
  .filter(isPublished)
  .map((name) => `packages/${name}/src/index.ts`);
const program = ts.createProgram(entries, {
  ...options,
  composite: false,
  emitDeclarationOnly: false,
  declaration: false,
  declarationMap: false,
  noEmit: true,
  lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
  types: ['node'],
});
const checker = program.getTypeChecker();

/** @type {Set<ts.Type>} */
const seen = new Set();
/** @type {Set<string>} */
const refusing = new Set();
let count = 0;

/** @param {ts.Declaration} declaration */
function isOurs(declaration) {
  return declaration.getSourceFile().fileName.startsWith(`${root}packages/`);
}

/** @param {string | undefined} name */
function isOfOptions(name) {
  return name !== undefined && /(?:Options|Config)$/u.test(name);
}

/** @param {ts.Type} type */
function takesUndefined(type) {
  const { Any, Unknown, Undefined } = ts.TypeFlags;
  return (type.isUnion() ? type.types : [type]).some(
    ({ flags }) => (flags & (Any | Unknown | Undefined)) !== 0,
  );
}

/** Looks at a type of options, and at the options inside it. @param {ts.Type} type */
function look(type) {
  if (type.isUnion()) {
    for (const one of type.types) look(one);
    return;
  }
  if (seen.has(type)) return;
  seen.add(type);
  for (const property of checker.getPropertiesOfType(type)) {
    for (const declaration of property.declarations ?? []) {
      if (!isOurs(declaration) || !ts.isPropertySignature(declaration) || !declaration.type) continue;
      const value = checker.getTypeFromTypeNode(declaration.type);
      if (declaration.questionToken) note(declaration, value);
      if (isOfOptions((value.aliasSymbol ?? checker.getNonNullableType(value).symbol)?.name)) look(value);
    }
  }
}

/** @param {ts.PropertySignature} declaration @param {ts.Type} value */
function note(declaration, value) {
  count++;
  if (takesUndefined(value)) return;
  const file = declaration.getSourceFile();
  const line = file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1;
  refusing.add(`${path.relative(root, file.fileName)}:${line}: ${declaration.name.getText()}`);
}

/** Looks at the parameters that are options: by their name, or spelt out on the spot. @param {ts.Signature} signature */
function lookAt(signature) {
  for (const parameter of signature.getParameters()) {
    const declaration = parameter.valueDeclaration;
    if (!declaration) continue;
    const type = checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(parameter, declaration));
    // Other names are those of data.
    if (type.aliasSymbol && !isOfOptions(type.aliasSymbol.name)) continue;
    for (const one of type.isUnion() ? type.types : [type]) {
      const { symbol, aliasSymbol } = one;
      const isSpeltOut = !aliasSymbol && (symbol?.flags & ts.SymbolFlags.TypeLiteral) !== 0;
      if (isSpeltOut || isOfOptions((aliasSymbol ?? symbol)?.name)) look(one);
    }
  }
}

/** @param {ts.Symbol} symbol */
function lookAtExported(symbol) {
  if (symbol.flags & ts.SymbolFlags.Type && isOfOptions(symbol.name))
    look(checker.getDeclaredTypeOfSymbol(symbol));
  const declaration = symbol.valueDeclaration;
  if (!declaration) return;
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) lookAt(signature);
  if (!(symbol.flags & ts.SymbolFlags.Class)) return;
  for (const side of [type, checker.getDeclaredTypeOfSymbol(symbol)]) {
    for (const member of checker.getPropertiesOfType(side)) {
      const method = member.valueDeclaration;
      if (
        !method ||
        !isOurs(method) ||
        !ts.isMethodDeclaration(method) ||
        ts.isPrivateIdentifier(method.name)
      )
        continue;
      for (const signature of checker.getTypeOfSymbolAtLocation(member, method).getCallSignatures())
        lookAt(signature);
    }
  }
}

for (const entry of entries) {
  const file = program.getSourceFile(entry);
  const module = file && checker.getSymbolAtLocation(file);
  if (!module) throw new Error(`${entry} exports nothing`);
  for (const symbol of checker.getExportsOfModule(module))
    lookAtExported(symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
}

for (const place of [...refusing].sort()) console.error(`${place} does not take undefined`);
console.log(`${count} optional properties of options, ${refusing.size} that do not take undefined`);
process.exitCode = refusing.size === 0 && count > 0 ? 0 : 1;
