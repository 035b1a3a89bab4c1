import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KiteError } from '@kite/manager';

const PAGE = (text: string) =>
  `<!doctype html><meta charset="utf-8"><title>Kite login</title><p style="font: 1.2em sans-serif">${text}</p>`;

/** Waits on this machine for the browser to return from Kite's login. */
export class RedirectServer implements Disposable {
  readonly #server: Server;
  readonly #state: string;
  readonly #token: Promise<string>;
  #came!: (token: string) => void;
  #failed!: (error: Error) => void;

  private constructor(state: string) {
    this.#state = state;
    this.#token = new Promise((resolve, reject) => {
      this.#came = resolve;
      this.#failed = reject;
    });
    // The browser may return before anything awaits it.
    this.#token.catch(() => undefined);
    this.#server = createServer((request, response) => {
      const { status, text } = this.#answer(new URL(request.url ?? '/', 'http://127.0.0.1'));
      response.writeHead(status, { 'content-type': 'text/html', 'referrer-policy': 'no-referrer' });
      response.end(PAGE(text));
    });
  }

  /** @param state an unguessable text; a redirect without it is not from our login */
  static async start(port: number, state: string): Promise<RedirectServer> {
    const redirect = new RedirectServer(state);
    redirect.#server.listen(port, '127.0.0.1');
    try {
      await once(redirect.#server, 'listening');
    } catch (error) {
      throw new KiteError('KITE_EXAMPLES_LISTEN_FAILED', `cannot listen on port ${port}; try --port`, {
        cause: error,
      });
    }
    return redirect;
  }

  /** The redirect URL that the app needs in the developer console. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** @throws KiteError `KITE_EXAMPLES_LOGIN_FAILED` if the login did not succeed */
  requestToken(): Promise<string> {
    return this.#token;
  }

  #answer({ pathname, searchParams }: URL): { status: number; text: string } {
    const token = searchParams.get('request_token');
    if (pathname !== '/' || searchParams.get('state') !== this.#state)
      return { status: 404, text: 'This is not the end of the login that was begun.' };
    if (searchParams.get('status') !== 'success' || !token) {
      this.#failed(new KiteError('KITE_EXAMPLES_LOGIN_FAILED', 'Kite says that the login was no success'));
      return { status: 400, text: 'The login was no success.' };
    }
    this.#came(token);
    return { status: 200, text: 'You are logged in. You can close this page.' };
  }

  [Symbol.dispose](): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
