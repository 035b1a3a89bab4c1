/** A login: a browser, a small server for the redirect, and the access token of the day. The secret is never stored. */
import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';

import { missing } from './kit/credentials.js';
import { Lifetime } from './kit/lifetime.js';
import { program } from './kit/program.js';
import { parseArguments } from './login/arguments.js';
import { askSecret } from './login/question.js';
import { RedirectServer } from './login/redirect-server.js';
import { accessTokenFor, loginUrl } from './login/session.js';

await program(async () => {
  const { port, out, api } = parseArguments(process.argv.slice(2));
  const apiKey = process.env['KITE_API_KEY']?.trim();
  if (!apiKey) throw missing('KITE_API_KEY', 'KITE_API_KEY is not set');
  using lifetime = new Lifetime();
  const { signal } = lifetime;

  try {
    const state = randomBytes(16).toString('hex');
    using redirect = await RedirectServer.start(port, state);
    const apiSecret = await askSecret('API secret (it is not shown, and not stored): ', signal);
    console.error(`The app's redirect URL must be ${redirect.url}\nOpen ${loginUrl(apiKey, state)}`);

    const ended = new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    );
    const requestToken = await Promise.race([redirect.requestToken(), ended]);
    const token = await accessTokenFor({ api, apiKey, apiSecret, requestToken, signal });

    if (out === undefined) console.log(`KITE_ACCESS_TOKEN=${token}`);
    else {
      // Written to a private temporary file and renamed: no reader sees half of it, and no other user sees it.
      await writeFile(`${out}.new`, token, { mode: 0o600 });
      await rename(`${out}.new`, out);
      console.error(`The token is in ${out}. It dies at about 06:00.`);
    }
  } catch (error) {
    // Ctrl-C is a normal end, not a failure.
    if (!signal.aborted) throw error;
  }
});
