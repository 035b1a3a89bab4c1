import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';

import { root } from '../nx.mjs';

/** @typedef {{ name: string, file: string, corpus: string }} Target `name`: `protocol/frames`; the others are paths */

/** Every target of every package. @returns {Target[]} */
export function targets() {
  return readdirSync(path.join(root, 'packages')).flatMap((name) => {
    const folder = path.join(root, 'packages', name, 'test/fuzz');
    const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.ts')) : [];
    return files.map((file) => {
      const noun = path.basename(file, '.ts');
      const corpus = path.join(folder, `${noun}.corpus.json`);
      return { name: `${name}/${noun}`, file: path.join(folder, file), corpus };
    });
  });
}

/** What is kept of earlier searches, one character a byte. @param {Target} target @returns {string[]} */
export function readCorpus({ corpus }) {
  return JSON.parse(readFileSync(corpus, 'utf8'));
}

/** @param {Target} target @param {string[]} inputs */
export async function writeCorpus({ corpus }, inputs) {
  const options = await resolveConfig(corpus);
  // What is no ASCII is escaped, since an editor shows some of it as nothing.
  const json = JSON.stringify(inputs).replace(
    /[\x7f-\xff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  writeFileSync(corpus, await format(json, { ...options, parser: 'json' }));
}
