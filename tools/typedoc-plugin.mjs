// For typedoc: each package is one module of the site, under its npm name and with its README, so that a link to the
// README leads to the module.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Converter, MinimalSourceFile, ReflectionKind } from 'typedoc';

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    const { project } = context;
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
      const source = context.getSymbolFromReflection(module)?.declarations?.[0]?.getSourceFile().fileName;
      if (source === undefined) throw new Error(`${module.name}: no source file`);
      const folder = path.resolve(path.dirname(source), '..');
      module.name = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).name;

      const readme = path.join(folder, 'README.md');
      const file = new MinimalSourceFile(readFileSync(readme, 'utf8'), /** @type {never} */ (readme));
      module.readme = app.converter.parseRawComment(file, project.files).content;
      project.files.registerReflectionPath(/** @type {never} */ (readme), module);
      project.files.registerReflectionPath(/** @type {never} */ (folder), module);
    }
  });
}
