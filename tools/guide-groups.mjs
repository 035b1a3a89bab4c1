import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The guides as the README lists them: a heading, and the pages under it.
 *
 * @param {string} root the repository
 * @returns {{ title: string, pages: string[] }[]} pages relative to the root
 */
export function guideGroups(root) {
  const [, after = ''] = readFileSync(path.join(root, 'README.md'), 'utf8').split('\n## Guides\n');
  const [list = ''] = after.split('\n## ', 1);
  const items = list
    .split(/^- /m)
    .slice(1)
    .map((item) => item.split('\n\n', 1)[0] ?? '');
  return items.map((item) => ({
    title: item.slice(0, item.indexOf(':')),
    pages: [...item.matchAll(/\]\(([^)#]+\.md)\)/g)].map(([, page = '']) => page),
  }));
}
