import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The parts of an example. */
export interface Parts {
  /** Its files, by their paths in `src`: the program, its imports, and the folder of its name. */
  readonly files: readonly string[];
  /** The packages that these import. */
  readonly packages: readonly string[];
}

const SOURCES = fileURLToPath(new URL('../', import.meta.url));

const IMPORTED = /(?:\bfrom|\bimport) '([^']+)'/g;

/** The parts of the example of this name. */
export function partsOf(name: string): Parts {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    if (!/\.(ts|css)$/.test(file)) return;
    for (const [, imported = ''] of readFileSync(path.join(SOURCES, file), 'utf8').matchAll(IMPORTED)) {
      if (imported.startsWith('.')) visit(path.join(path.dirname(file), imported.replace(/\.js$/, '.ts')));
      else if (!imported.startsWith('node:')) packages.add(packageOf(imported));
    }
  };
  visit(`${name}.ts`);
  if (existsSync(path.join(SOURCES, name)))
    for (const entry of readdirSync(path.join(SOURCES, name), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) visit(path.relative(SOURCES, path.join(entry.parentPath, entry.name)));
  return { files: [...files].sort(), packages: [...packages].sort() };
}

/** `@scope/name/deep` is part of `@scope/name`. */
function packageOf(imported: string): string {
  return imported
    .split('/')
    .slice(0, imported.startsWith('@') ? 2 : 1)
    .join('/');
}
