import { fileURLToPath } from 'node:url';
import { Program } from '@kite/testkit';

const source = (file: string): string => fileURLToPath(new URL(`../../src/${file}`, import.meta.url));

/** The package as a program imports it, but for the server: it is the one of the test. */
const redirected = `
  export * from ${JSON.stringify(source('index.ts'))};
  import { KiteTickerManager as Manager } from ${JSON.stringify(source('index.ts'))};
  export class KiteTickerManager extends Manager {
    constructor(first, ...rest) {
      if (typeof first === 'string') super(first, rest[0], { url: process.argv[2], ...rest[1] });
      else super({ url: process.argv[2], ...first });
    }
    static builder(apiKey, accessToken) {
      return Manager.builder(apiKey, accessToken).url(process.argv[2]);
    }
  }
`;

/** The simulator as a program imports it, but already running: it is the one of the test. */
const running = `
  export async function startSimulator() {
    return { url: process.argv[2], stop: async () => {}, [Symbol.asyncDispose]: async () => {} };
  }
`;

/**
 * A program of a user as it stands, with the I/O worker beside it as in the built package.
 *
 * @param text a module; `apiKey` and `accessToken` are in scope
 */
export function program(text: string): Promise<Program> {
  const resolveDir = import.meta.dirname;
  return Program.of(`const apiKey = 'key-of-the-account', accessToken = 'token';\n${text}`, {
    resolveDir,
    beside: [source('threads/worker/io-worker.ts')],
    plugins: [
      {
        name: 'redirected',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^@kite\/manager$/ }, () => ({ path: 'manager', namespace: 'redirected' }));
          onResolve({ filter: /^@kite\/simulator$/ }, () => ({ path: 'simulator', namespace: 'redirected' }));
          onLoad({ filter: /.*/, namespace: 'redirected' }, ({ path }) => ({
            contents: path === 'manager' ? redirected : running,
            loader: 'ts',
            resolveDir,
          }));
        },
      },
    ],
  });
}
