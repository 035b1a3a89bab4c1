import { createHash } from 'node:crypto';
import { KiteError } from '@kite/manager';

const PATIENCE_MS = 30_000;

export interface LoginRequest {
  readonly api: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly requestToken: string;
  readonly signal: AbortSignal;
}

/** The login page's URL. Kite adds `state` to the redirect. */
export function loginUrl(apiKey: string, state: string): string {
  const query = new URLSearchParams({ v: '3', api_key: apiKey, redirect_params: `state=${state}` });
  return `https://kite.zerodha.com/connect/login?${query.toString()}`;
}

/**
 * Exchanges the request token for the access token. The secret is not sent: a hash proves that we know it.
 *
 * @throws KiteError `KITE_EXAMPLES_LOGIN_FAILED` with Kite's own message, without any credential
 */
export async function accessTokenFor(request: LoginRequest): Promise<string> {
  const { api, apiKey, apiSecret, requestToken, signal } = request;
  const checksum = createHash('sha256')
    .update(apiKey + requestToken + apiSecret)
    .digest('hex');
  const response = await fetch(new URL('/session/token', api), {
    method: 'POST',
    headers: { 'X-Kite-Version': '3' },
    body: new URLSearchParams({ api_key: apiKey, request_token: requestToken, checksum }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  });
  const answer = (await response.json().catch(() => ({}))) as {
    data?: { access_token?: string };
    message?: string;
  };
  const token = answer.data?.access_token;
  if (response.ok && token) return token;
  throw new KiteError(
    'KITE_EXAMPLES_LOGIN_FAILED',
    `Kite refused the login: ${answer.message ?? 'no reason was given'} (HTTP ${response.status})`,
    { status: response.status },
  );
}
