import { MAX_CONNECTIONS_PER_KEY } from '@kite/protocol';

import type { Account, Accounts } from './account.js';

/** An attempt to connect, as received. */
export interface HandshakeRequest {
  /** Path and query. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** An attempt to connect, in the log: without secrets. */
export interface Handshake {
  /** Unix milliseconds. */
  readonly at: number;
  /** Without the query, which carries the token. */
  readonly path: string;
  /** Undefined if the request named none. */
  readonly apiKey: string | undefined;
  /** 101 if it connected, else the HTTP status of the refusal. */
  readonly status: number;
  /** The header `User-Agent`. */
  readonly userAgent: string | undefined;
  /** The header `X-Kite-Version`. */
  readonly kiteVersion: string | undefined;
}

/** The server's decision on a handshake: the account, or an HTTP answer. */
export type Verdict =
  | { readonly status: 101; readonly account: Account }
  | { readonly status: number; readonly account?: never; readonly body: string };

/** The credentials of a request; `undefined` if one is missing or the path is wrong. */
export function readCredentials(target: string): { apiKey: string; accessToken: string } | undefined {
  const url = parseTarget(target);
  if (url?.pathname !== '/') return undefined;
  const apiKey = url.searchParams.get('api_key');
  const accessToken = url.searchParams.get('access_token');
  return apiKey && accessToken ? { apiKey, accessToken } : undefined;
}

/** The verdict of the rules: 400 malformed, 403 wrong credentials, 429 too many connections. */
export function judge(
  target: string,
  accounts: Accounts,
  connectionsOf: (apiKey: string) => number,
): Verdict {
  if (parseTarget(target)?.pathname !== '/') return WRONG_PATH;
  const credentials = readCredentials(target);
  if (credentials === undefined) return refusal(400);
  const account = accounts.authenticate(credentials.apiKey, credentials.accessToken);
  if (account === undefined) return refusal(403);
  if (connectionsOf(account.apiKey) >= MAX_CONNECTIONS_PER_KEY) return refusal(429);
  return { status: 101, account };
}

/** An HTTP answer with Kite's JSON error body. */
export function refusal(status: number): Verdict {
  const [message, errorType] = ERRORS[status] ?? ['Something unexpected went wrong.', 'GeneralException'];
  return { status, body: errorBody(message, errorType) };
}

function errorBody(message: string, errorType: string): string {
  return JSON.stringify({ status: 'error', message, error_type: errorType });
}

/** Kite's load balancer answers before the credentials are checked: the answer does not name them. */
const WRONG_PATH: Verdict = { status: 400, body: errorBody('Bad request.', 'InputException') };

/** The log entry of an attempt. */
export function handshakeOf(request: HandshakeRequest, status: number, at: number): Handshake {
  const url = parseTarget(request.target);
  return {
    at,
    path: url?.pathname ?? '',
    apiKey: url?.searchParams.get('api_key') ?? undefined,
    status,
    userAgent: single(request.headers['user-agent']),
    kiteVersion: single(request.headers['x-kite-version']),
  };
}

/** The texts of 400 and 403 are Kite's, word for word: clients recognize an expired token by them. */
const ERRORS: Readonly<Record<number, readonly [message: string, errorType: string]>> = {
  400: ['Invalid `access_token` or `api_key`.', 'InputException'],
  403: ['Authentication failed.', 'TokenException'],
  429: ['Too many requests', 'NetworkException'],
  502: ['Bad gateway', 'NetworkException'],
  503: ['Service unavailable', 'NetworkException'],
  504: ['Gateway timeout', 'NetworkException'],
};

function parseTarget(target: string): URL | undefined {
  // Not new URL(target, base): it would take a target of `//x` for a host.
  return URL.canParse(`http://localhost${target}`) ? new URL(`http://localhost${target}`) : undefined;
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
