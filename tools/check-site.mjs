// Looks at the site that typedoc has made, as a reader would: its sidebar is that of the README; words that people search for
// find a guide; links to sources lead into this repository; and no page is wider than a phone, where there is a Chromium.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';

import { guideGroups } from './guide-groups.mjs';
import { root } from './nx.mjs';

const site = path.join(root, 'docs/api');
/** Each must find a guide among the first results. */
const WORDS = ['candle', 'reconnect', 'holiday', 'proxy', 'gap', 'deploy', 'metrics', 'telegram'];
const FIRST = 3;
/** Each must find itself first. */
const NAMES = ['KiteTickerManager', 'decodeFrame', 'startSimulator', 'MarketCalendar'];
/** The kind of a page of text, in the site's data. */
const DOCUMENT = 8388608;
const REPOSITORY = 'https://github.com/kite-ticker/kite/blob/main/';
const PHONE_PX = 390;
/** Beside every guide and README, one page of each kind. */
const OTHERS = ['index.html', 'modules/_kite_manager.html', 'classes/_kite_manager.KiteTickerManager.html'];

/** @type {string[]} */
const problems = [];

/** The data of a script of the site. @param {string} script */
async function dataOf(script) {
  const text = readFileSync(path.join(site, 'assets', script), 'utf8');
  const packed = /"([A-Za-z0-9+/=]+)"/.exec(text)?.[1] ?? '';
  return JSON.parse(String(await promisify(inflate)(Buffer.from(packed, 'base64'))));
}

async function checkSidebar() {
  /** @type {{ text: string, children?: { text: string, path?: string }[] }[]} */
  const navigation = await dataOf('navigation.js');
  const groups = guideGroups(root);
  const wanted = [...groups.map(({ title }) => title), 'Packages'];
  const found = navigation.map(({ text }) => text);
  if (found.join() !== wanted.join())
    problems.push(`sidebar: ${found.join(', ')}; wanted: ${wanted.join(', ')}`);
  for (const { title, pages } of groups) {
    const shown = navigation.find(({ text }) => text === title)?.children ?? [];
    const titles = pages.map((page) => /^# (.+)$/m.exec(readFileSync(path.join(root, page), 'utf8'))?.[1]);
    if (shown.map(({ text }) => text).join() !== titles.join())
      problems.push(
        `sidebar, ${title}: ${shown.map(({ text }) => text).join(', ')}; wanted: ${titles.join(', ')}`,
      );
  }
}

async function checkSearch() {
  const lunr = createRequire(createRequire(import.meta.url).resolve('typedoc'))('lunr');
  /** @type {{ rows: { name: string, kind: number }[], index: object }} */
  const { rows, index } = await dataOf('search.js');
  const loaded = lunr.Index.load(index);
  // As the site's own script asks and ranks.
  const search = (/** @type {string} */ word) => {
    /** @type {{ ref: string, score: number }[]} */
    const results = loaded.search(`*${word}*`);
    return results
      .map(({ ref, score }) => {
        const { name = '', kind = 0 } = rows[Number(ref)] ?? {};
        const isBeginning = name.toLowerCase().startsWith(word.toLowerCase());
        return { name, kind, score: isBeginning ? (score * 10) / (1 + name.length - word.length) : score };
      })
      .sort((a, b) => b.score - a.score)
      .slice(0, FIRST);
  };
  for (const word of WORDS) {
    const found = search(word);
    if (!found.some(({ kind }) => kind === DOCUMENT))
      problems.push(
        `search for ${word}: ${found.map(({ name }) => name).join(', ')}: no guide is among them`,
      );
  }
  for (const name of NAMES) {
    const found = search(name);
    if (found[0]?.name !== name)
      problems.push(`search for ${name}: ${found.map((one) => one.name).join(', ')}`);
  }
}

function checkSources() {
  const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.html'),
  );
  let count = 0;
  for (const page of pages) {
    const html = readFileSync(path.join(site, page), 'utf8');
    if (!html.includes('rel="icon"')) problems.push(`${page}: it has no icon`);
    for (const [, link = ''] of html.matchAll(/href="([^"]+)"/g)) {
      if (link.includes('node_modules/')) problems.push(`${page}: ${link}: a source of others`);
      if (!link.startsWith(REPOSITORY)) continue;
      count += 1;
      const file = decodeURI(link.slice(REPOSITORY.length)).replace(/#.*/, '');
      if (!existsSync(path.join(root, file))) problems.push(`${page}: ${link}: there is no such file`);
    }
  }
  return count;
}

async function checkWidth() {
  const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((one) =>
    existsSync(one),
  );
  if (browser === undefined) return 'no Chromium, so no page was measured';
  const { chromium } = createRequire(path.join(root, 'apps/examples/package.json'))('playwright-core');
  const running = await chromium.launch({ executablePath: browser, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await running.newPage({ viewport: { width: PHONE_PX, height: 844 } });
    const documents = readdirSync(path.join(site, 'documents')).filter((name) => name.endsWith('.html'));
    const narrow = [...OTHERS, ...documents.map((name) => `documents/${name}`)];
    for (const name of narrow) {
      await page.goto(pathToFileURL(path.join(site, name)).href);
      const width = await page.evaluate('document.documentElement.scrollWidth');
      if (width > PHONE_PX) problems.push(`${name}: it is ${width} px wide on a screen of ${PHONE_PX} px`);
    }
    return `${narrow.length} pages measured at ${PHONE_PX} px`;
  } finally {
    await running.close();
  }
}

await checkSidebar();
await checkSearch();
const links = checkSources();
const width = await checkWidth();
for (const problem of new Set(problems)) console.error(problem);
console.log(
  `the site: ${links} links to sources, ${WORDS.length + NAMES.length} searches, ${width}, ${problems.length} errors`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
