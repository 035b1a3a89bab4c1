import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** What an `index.ts` lists. */
export interface PublicSurface {
  /** Names that exist at run time. */
  values: string[];
  /** Names that exist for the compiler only. */
  types: string[];
}

/** Reads an `index.ts`, which lists every public name, and nothing else. */
export async function publicSurface(index: URL): Promise<PublicSurface> {
  // Loaded here, because it takes a second, which most tests need not spend.
  const { default: ts } = await import('typescript');
  const file = ts.createSourceFile('index.ts', readFileSync(index, 'utf8'), ts.ScriptTarget.Latest);
  const surface: PublicSurface = { values: [], types: [] };
  for (const statement of file.statements) {
    if (
      !ts.isExportDeclaration(statement) ||
      !statement.exportClause ||
      !ts.isNamedExports(statement.exportClause)
    )
      throw new Error(`${index.pathname} has more than lists of names`);
    for (const element of statement.exportClause.elements)
      surface[statement.isTypeOnly || element.isTypeOnly ? 'types' : 'values'].push(element.name.text);
  }
  surface.values.sort();
  surface.types.sort();
  return surface;
}

/**
 * The tests of a package's public surface: the index lists by name, what it lists is there, and it is no more than
 * `atMost` names. What the names are is each package's own snapshot.
 */
export function publicSurfaceSuite(module: object, index: URL, atMost: number): void {
  test(`the index lists every public name, at most ${atMost}`, async () => {
    const { values, types } = await publicSurface(index);
    expect(Object.keys(module).sort()).toEqual(values);
    expect(Object.values(module)).not.toContain(undefined);
    expect(new Set([...values, ...types]).size).toBe(values.length + types.length);
    expect(values.length + types.length).toBeLessThanOrEqual(atMost);
  });
}
