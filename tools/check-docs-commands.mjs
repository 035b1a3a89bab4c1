// Looks for each npm script that a page, a comment, a workflow or a tool names: it must be a script of the root, or of the
// workspace that `-w` names.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const CHECKED = /(\.(ts|mjs|js|md|ya?ml|json)|^\.ci\/run)$/;
const NOT_OURS = /(^|\/)(package-lock\.json|CHANGELOG\.md|check-docs-commands\.mjs)$/;
/** `npm run x`, `npm start`, `npm test`; and the same as an array of arguments. `…run example` alone is prose. */
const COMMANDS = [
  /\bnpm (?:(?:run|run-script) (?:--silent |-s )?(?<script>[a-z][\w:-]*)|(?<short>start|test)\b)(?<rest>[^\n`]*)/g,
  /'npm', \[(?:'run', )?'(?<script>[a-z][\w:-]*)'(?<rest>[^\]\n]*)/g,
];
/** npm's own commands, which an array of arguments may begin with. */
const BUILT_IN = new Set(['audit', 'install', 'pack', 'init', 'exec', 'ci', 'publish', 'view', 'ls']);

/** @param {string} root @returns {string[]} the commands that are nowhere, each with its place */
export function unknownCommands(root) {
  const scriptsOf = (/** @type {string} */ folder) =>
    Object.keys(JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')).scripts ?? {});
  const list = (/** @type {string[]} */ ...args) =>
    execFileSync('git', ['ls-files', ...args], { cwd: root, encoding: 'utf8' })
      .split('\n')
      .filter(Boolean);
  const folders = list('packages/*/package.json', 'apps/*/package.json').map((file) => path.dirname(file));
  /** @type {Map<string, string[]>} */
  const workspaces = new Map(
    folders.map((folder) => [
      JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')).name,
      scriptsOf(folder),
    ]),
  );
  const atRoot = scriptsOf('.');

  const unknown = [];
  for (const file of list('--cached', '--others', '--exclude-standard')) {
    if (!CHECKED.test(file) || NOT_OURS.test(file) || !existsSync(path.join(root, file))) continue;
    for (const [index, line] of readFileSync(path.join(root, file), 'utf8').split('\n').entries()) {
      for (const command of COMMANDS) {
        for (const { groups = {} } of line.matchAll(command)) {
          const script = groups['script'] ?? groups['short'] ?? '';
          if (command === COMMANDS[1] && BUILT_IN.has(script)) continue;
          const workspace = /-w[',\s]+'?([@\w/-]+)/.exec(groups['rest'] ?? '')?.[1];
          const scripts = workspace === undefined ? atRoot : (workspaces.get(workspace) ?? []);
          if (!scripts.includes(script))
            unknown.push(`${file}:${index + 1}: npm run ${script}: there is no such script`);
        }
      }
    }
  }
  return unknown;
}
