// `npm run check:structure`: no circle of imports, types included, and no more arrows between the rooms of each package than
// are allowed. The walls between the rooms are ESLint's; a circle can hide within a room.
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** @typedef {{ source: string, dependencies: { resolved: string, circular: boolean }[] }} Module */

const { output } = await cruise(
  ['packages'],
  {
    includeOnly: { path: '^packages/[^/]+/src/' },
    tsPreCompilationDeps: true,
    ruleSet: { forbidden: [{ name: 'no-circle', from: {}, to: { circular: true } }] },
  },
  {},
  { tsConfig: extractTsConfig('tsconfig.base.json') },
);
const { modules } = /** @type {{ modules: Module[] }} */ (output);

/** `packages/connection/src/feed/hub.ts` is in the package connection, in its room feed. @param {string} file */
function placeOf(file) {
  const [, name = '', , ...rest] = file.split('/');
  return { name, room: rest.slice(0, -1).join('/') };
}

/** @type {Map<string, { files: number, arrows: number, between: number }>} */
const packages = new Map();
const circles = new Set();
for (const { source, dependencies } of modules) {
  const from = placeOf(source);
  const counts = packages.get(from.name) ?? { files: 0, arrows: 0, between: 0 };
  packages.set(from.name, counts);
  counts.files++;
  for (const { resolved, circular } of dependencies) {
    const to = placeOf(resolved);
    if (circular) circles.add(`${source} → ${resolved}`);
    if (to.name !== from.name) continue;
    counts.arrows++;
    // The files of `src` itself put the rooms together, and are no room.
    if (to.room !== from.room && to.room !== '' && from.room !== '') counts.between++;
  }
}

/** The most imports from room to room; none in a package that is not named. @type {Record<string, number>} */
const most = { connection: 20, instruments: 12, manager: 32, 'multi-api': 4, nats: 50, simulator: 25 };

let isTangled = false;
for (const [name, { files, arrows, between }] of packages) {
  console.log(`${name}: ${files} files, ${arrows} imports between them, ${between} between rooms`);
  const limit = most[name] ?? 0;
  if (between <= limit) continue;
  isTangled = true;
  console.error(`${name}: ${between} imports between rooms, and ${limit} are allowed`);
}
for (const circle of circles) console.error(`in a circle: ${circle}`);
if (modules.length === 0) console.error('no module was found');
process.exitCode = circles.size === 0 && !isTangled && modules.length > 0 ? 0 : 1;
