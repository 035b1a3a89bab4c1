import { percentEncoded, redacted } from '@kite/kit';
import { KiteError, type KiteErrorCode } from '@kite/protocol';

import type { SocketEnd } from './transport.js';

/** What a server means by refusing a handshake. */
export interface Refusal {
  /** What it refuses: the credentials, one more connection, what was asked for, or anything for now. */
  refuses: 'credentials' | 'connection' | 'request' | 'anything';
  error: KiteError;
}

/**
 * The body of a 400 that is about the credentials. Zerodha's: "Invalid `access_token` or `api_key`." Not the word
 * "token" alone, which a proxy's page may have ("Unexpected token"), and no request that a page repeats (`api_key=…`).
 */
const NAMES_CREDENTIALS = /\b(?:access[ _-]?token|api[ _-]?key)\b(?!=)|\bTokenException\b/i;

/** A shorter beginning of a secret at the end of a body counts as chance. */
const CUT_SECRET = 4;

/** Reads the answer of a server that refused a handshake. `secrets` are not shown. */
export function readRefusal(
  { status, body }: SocketEnd & { kind: 'refused' },
  secrets: readonly string[],
): Refusal {
  const response = body === undefined ? undefined : withoutSecrets(body, secrets);
  const refusal = (refuses: Refusal['refuses'], code: KiteErrorCode, why: string): Refusal => ({
    refuses,
    error: new KiteError(code, `the server refused the connection: HTTP ${status}${why}`, {
      status,
      ...(response !== undefined && { response }),
    }),
  });
  switch (status) {
    case 403:
      return refusal('credentials', 'KITE_CONNECTION_UNAUTHORIZED', UNAUTHORIZED);
    case 400:
      return body !== undefined && NAMES_CREDENTIALS.test(body)
        ? refusal('credentials', 'KITE_CONNECTION_UNAUTHORIZED', UNAUTHORIZED)
        : refusal('request', 'KITE_CONNECTION_BAD_REQUEST', BAD_REQUEST);
    case 429:
      return refusal('connection', 'KITE_CONNECTION_RATE_LIMITED', RATE_LIMITED);
    default:
      return refusal('anything', 'KITE_CONNECTION_REFUSED', '');
  }
}

const UNAUTHORIZED =
  ': the access token has expired (all do at about 06:00 IST), the API key is wrong, or the app has no market data (the Personal plan has none)';
const RATE_LIMITED = ': more than three connections use this API key';
const BAD_REQUEST = ': the URL or the credentials are malformed';

/** The body may have been cut in the middle of a secret. */
function withoutSecrets(body: string, secrets: readonly string[]): string {
  const text = redacted(body, secrets);
  for (const secret of secrets.flatMap((one) => [one, percentEncoded(one)]))
    for (let length = secret.length - 1; length >= CUT_SECRET; length--)
      if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}(redacted)`;
  return text;
}
