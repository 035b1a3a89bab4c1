import { existsSync } from 'node:fs';

const CANDIDATES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].filter((path) => path !== undefined);

/** Where Chromium is on this machine, if anywhere. */
export const chromiumPath = CANDIDATES.find((path) => existsSync(path));

/** Why there is none to test in. */
export const noChromium = `no Chromium at ${CANDIDATES.join(', ')}; install it, or set CHROMIUM_PATH`;

/** How to launch it: without a window, also as root and without a network. */
export const chromiumOptions = {
  ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
};

/** Runs a script in a Web Worker of this page. Gives what it posts. */
export function postedByWorker(
  page: { evaluate(code: string): Promise<unknown> },
  source: string,
): Promise<unknown> {
  return page.evaluate(`new Promise((resolve, reject) => {
    const url = URL.createObjectURL(new Blob([${JSON.stringify(source)}], { type: 'text/javascript' }));
    const worker = new Worker(url);
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  })`);
}
