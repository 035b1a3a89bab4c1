import { Program } from '@kite/testkit';

/** A program of a user. @param body statements of an async function, with `KiteTicker` and `options` in scope */
export function program(body: string): Promise<Program> {
  return Program.of(
    `import { KiteTicker } from '@kite/connection';
     const url = process.argv[2];
     const options = { url, apiKey: 'key', accessToken: 'token', reconnectDelayMs: 20, maxReconnectDelayMs: 20 };
     void (async () => { ${body} })();`,
    { resolveDir: import.meta.dirname },
  );
}
