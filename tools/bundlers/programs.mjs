/** The programs that the recipes bundle: each tells where its connections run, and that ticks come. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const PROBE = `
  async function probe(url) {
    const told = [];
    process.on('warning', ({ name, message }) => told.push(name + ': ' + message));
    const options = { apiKey: 'key-' + process.pid, accessToken: 'token', url, maxConnections: 1 };
    const manager = new KiteTickerManager({ ...options, ...workerUrl });
    manager.on('issue', ({ issue }) => told.push(String(issue.code)));
    const ticked = new Promise((resolve) => manager.on('ticks', ({ ticks }) => resolve(ticks[0].instrumentToken)));
    await manager.start();
    await manager.subscribeSymbols([408065]);
    const token = await ticked;
    const { isolation, reasons, status } = manager.getHealth();
    const outcome = { token, status, isolation, counted: manager.getStats().isolation, reasons, told };
    await manager.stop();
    return outcome;
  }
`;

const MAIN = `
  probe(process.argv[2]).then((outcome) => console.log(JSON.stringify(outcome)));
`;

const IMPORTED = "import { KiteTickerManager } from '@kite/manager';\n";

/** Next.js calls a route handler for each request; `force-dynamic` keeps it from calling it while it builds. */
const ROUTE = `${IMPORTED}
  const workerUrl = {};
  ${PROBE}
  export const dynamic = 'force-dynamic';
  export async function GET(request) {
    return Response.json(await probe(new URL(request.url).searchParams.get('url')));
  }
`;

/** The folders of the Next.js programs, in the project. */
export const NEXT_EXTERNAL = 'next-external';
export const NEXT_BUNDLED = 'next-bundled';

/** Writes what the recipes bundle. @param {string} project */
export function writePrograms(project) {
  const write = (/** @type {string} */ name, /** @type {string} */ text) => {
    const file = path.join(project, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  write('app.js', `${IMPORTED}const workerUrl = {};${PROBE}${MAIN}`);
  write(
    'app-with-url.cjs',
    `const path = require('node:path');
     const { pathToFileURL } = require('node:url');
     const { KiteTickerManager } = require('@kite/manager');
     const workerUrl = { workerUrl: pathToFileURL(path.join(__dirname, 'io-worker.cjs')) };${PROBE}${MAIN}`,
  );
  for (const [folder, config] of [
    [NEXT_EXTERNAL, "{ serverExternalPackages: ['@kite/manager'] }"],
    [NEXT_BUNDLED, '{}'],
  ]) {
    write(`${folder}/package.json`, '{ "private": true, "type": "module" }');
    write(`${folder}/next.config.js`, `export default ${config};\n`);
    write(`${folder}/app/probe/route.js`, ROUTE);
  }
}
