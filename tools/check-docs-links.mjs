// Follows every relative link and image of the Markdown pages: the file must exist, and the heading where one is named.
// Links to other sites are not fetched. An example that a page tells to run must be there as well.
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** @param {string} markdown @returns {string[]} the lines, those of code blocks and comments emptied */
function prose(markdown) {
  let fence = '';
  return markdown
    .replace(/<!--[^]*?-->/g, (comment) => comment.replace(/[^\n]/g, ''))
    .split('\n')
    .map((line) => {
      const mark = /^\s*(`{3,})/.exec(line)?.[1] ?? '';
      if (fence === '' && mark !== '') fence = mark;
      else if (fence !== '' && mark.startsWith(fence)) fence = '';
      else if (fence === '') return line;
      return '';
    });
}

/** What a link to a heading says, as GitHub makes it from the heading's text. @param {string} heading */
function anchorOf(heading) {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  return text.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
}

/** @param {string} markdown @returns {Set<string>} */
function anchorsOf(markdown) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  const anchors = new Set();
  for (const line of prose(markdown)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const anchor = anchorOf(heading);
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return anchors;
}

/** @param {string} root @param {readonly string[]} pages relative to the root @returns {string[]} what is broken, each with its place */
export function brokenLinks(root, pages) {
  const broken = [];
  for (const page of pages) {
    for (const [, name = ''] of readFileSync(path.join(root, page), 'utf8').matchAll(
      /run example ([a-z][\w-]*)/g,
    )) {
      if (!existsSync(path.join(root, `apps/examples/src/${name}.ts`)))
        broken.push(`${page}: npm run example ${name}: there is no such example`);
    }
    for (const [index, line] of prose(readFileSync(path.join(root, page), 'utf8')).entries()) {
      const withoutCode = line.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, (code) => ' '.repeat(code.length));
      // The text of a link may be code, so links are sought in the line without it: only the target counts.
      for (const [, target = ''] of withoutCode.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)) {
        if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
        const [file = '', anchor] = decodeURI(target).split('#', 2);
        const found = file === '' ? path.join(root, page) : path.join(root, path.dirname(page), file);
        if (!existsSync(found)) broken.push(`${page}:${index + 1}: ${target}: there is no such file`);
        else if (anchor !== undefined && !hasAnchor(found, anchor))
          broken.push(`${page}:${index + 1}: ${target}: there is no such heading`);
      }
    }
  }
  return broken;
}

/** @param {string} file @param {string} anchor */
function hasAnchor(file, anchor) {
  if (statSync(file).isDirectory()) return false;
  // Lines of a source file, as in #L10, are not followed.
  return !file.endsWith('.md') || anchorsOf(readFileSync(file, 'utf8')).has(anchor);
}
