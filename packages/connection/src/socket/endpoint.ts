import { percentEncoded } from '@kite/kit';
import { KiteInputError } from '@kite/protocol';

/** Kite's server. */
export const DEFAULT_URL = 'wss://ws.kite.trade/';

/** Where to dial: a checked URL. Credentials are added only on request. */
export class Endpoint {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly #url: URL;

  /**
   * @throws KiteInputError `KITE_CONNECTION_INVALID_OPTION` for anything but a ws: or wss: URL, and
   * `KITE_CONNECTION_INSECURE_URL` for plain ws: to anything but a loopback address, unless `allowInsecure`
   */
  constructor(url: string, allowInsecure: boolean) {
    this.#url = parse(url);
    this.origin = `${this.#url.protocol}//${this.#url.host}`;
    if (this.#url.protocol === 'ws:' && !allowInsecure && !isLoopback(this.#url.hostname)) {
      throw new KiteInputError('KITE_CONNECTION_INSECURE_URL', {
        field: 'url',
        value: this.origin,
        allowed: 'wss:, or ws: to a loopback address, or allowInsecure: true',
      });
    }
  }

  /** The URL to dial. The `/` before `?` is required by the server's load balancer; `URL` always has it. */
  withCredentials(apiKey: string, accessToken: string): string {
    const url = new URL(this.#url);
    const query = `api_key=${percentEncoded(apiKey)}&access_token=${percentEncoded(accessToken)}`;
    url.search = url.search === '' ? query : `${url.search}&${query}`;
    return url.href;
  }
}

function parse(url: string): URL {
  if (URL.canParse(url)) {
    const parsed = new URL(url);
    const isWebSocket = parsed.protocol === 'ws:' || parsed.protocol === 'wss:';
    if (isWebSocket && parsed.hash === '' && parsed.username === '' && parsed.password === '') return parsed;
  }
  throw new KiteInputError('KITE_CONNECTION_INVALID_OPTION', {
    field: 'url',
    // A password may stand before an @, a token behind the path.
    value: url.includes('@') ? '(not shown)' : url.split(/[?#]/, 1)[0],
    allowed: 'a ws: or wss: URL without user, password and fragment',
  });
}

/** Whether traffic to this host stays on this machine. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}
