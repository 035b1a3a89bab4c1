import { isBypassed } from './no-proxy.js';

/** A proxy that opens tunnels. */
export interface Proxy {
  /** Scheme, host and port: the part that may be shown. */
  readonly origin: string;
  readonly isSecure: boolean;
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The header `Proxy-Authorization`, if the proxy needs one. */
  readonly authorization: string | undefined;
  /** The URL, with its credentials: never to be shown. */
  readonly href: string;
}

/** The option's value that means the environment. */
export const FROM_ENVIRONMENT = 'env';

/** What the option takes, in words. */
export const PROXY_FORM = `an http: or https: URL of a proxy, or '${FROM_ENVIRONMENT}' for HTTPS_PROXY and NO_PROXY`;

/** Variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_PORTS = { 'http:': 80, 'https:': 443 } as const;

/** Why this text cannot be a proxy, in words that do not show it; undefined if it can. */
export function flawOfProxy(text: string): string | undefined {
  if (/^socks/i.test(text)) return 'is a SOCKS proxy';
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(text) || !URL.canParse(text))
    return 'is no URL: it needs a scheme and a host';
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(text);
  if (!Object.hasOwn(DEFAULT_PORTS, protocol)) return `has the scheme ${protocol}`;
  if (hostname === '') return 'has no host';
  if (pathname !== '/' || search !== '' || hash !== '') return 'has more than a host and a port';
  if (decoded(username) === undefined || decoded(password) === undefined)
    return 'has a user or password that is not percent-encoded';
  return undefined;
}

/** The proxy at a URL that has no flaw. */
export function proxyAt(text: string): Proxy {
  const url = new URL(text);
  const { protocol, hostname, host, username, password } = url;
  const [user = '', secret = ''] = [decoded(username), decoded(password)];
  const hasCredentials = username !== '' || password !== '';
  return {
    origin: `${protocol}//${host}`,
    isSecure: protocol === 'https:',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_PORTS[protocol as keyof typeof DEFAULT_PORTS] : Number(url.port),
    authorization: hasCredentials
      ? `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
      : undefined,
    href: url.href,
  };
}

/** The proxy that the environment names for this URL, unchanged; undefined for none. */
export function environmentProxy(target: URL, environment: Environment): string | undefined {
  if (target.protocol !== 'wss:') return undefined;
  const { https_proxy: lower, HTTPS_PROXY: upper, no_proxy: noLower, NO_PROXY: noUpper } = environment;
  const proxy = firstOf(lower, upper).trim();
  if (proxy === '' || isBypassed(target, firstOf(noLower, noUpper))) return undefined;
  // Other programs take a host and a port alone.
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** A variable that is empty counts as absent. */
function firstOf(...values: readonly (string | undefined)[]): string {
  return values.find((value) => value !== undefined && value !== '') ?? '';
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
