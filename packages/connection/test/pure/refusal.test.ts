import { describe, expect, test } from 'vitest';

import { readRefusal } from '../../src/socket/refusal.js';

describe('the answer to a handshake', () => {
  test.each([
    [403, undefined, 'credentials', 'UNAUTHORIZED'],
    [403, '{"message":"Authentication failed."}', 'credentials', 'UNAUTHORIZED'],
    [400, '{"message":"Invalid `access_token` or `api_key`."}', 'credentials', 'UNAUTHORIZED'],
    [400, 'Incorrect API key', 'credentials', 'UNAUTHORIZED'],
    [400, '{"error_type":"TokenException"}', 'credentials', 'UNAUTHORIZED'],
    [400, '<html><h1>400 Bad Request</h1></html>', 'request', 'BAD_REQUEST'],
    [400, 'SyntaxError: Unexpected token < in JSON', 'request', 'BAD_REQUEST'],
    [400, 'Invalid CSRF token', 'request', 'BAD_REQUEST'],
    [400, 'Bad request: GET /?api_key=k&access_token=t HTTP/1.1', 'request', 'BAD_REQUEST'],
    [400, undefined, 'request', 'BAD_REQUEST'],
    [429, 'Too many requests', 'connection', 'RATE_LIMITED'],
    [401, 'token', 'anything', 'REFUSED'],
    [502, undefined, 'anything', 'REFUSED'],
  ] as const)('%i with the body %j refuses %s', (status, body, refuses, code) => {
    const refusal = readRefusal({ kind: 'refused', status, ...(body && { body }) }, []);
    expect(refusal).toMatchObject({ refuses, error: { code: `KITE_CONNECTION_${code}`, status } });
    expect(refusal.error.message).toContain(`HTTP ${status}`);
    expect(refusal.error.response).toBe(body);
  });

  test('shows no secret of its body, neither encoded nor cut off at its end', () => {
    const secret = 'a-day+s/token=';
    const shown = (body: string) =>
      readRefusal({ kind: 'refused', status: 500, body }, [secret]).error.response;
    expect(shown(`no ${secret} here`)).toBe('no (redacted) here');
    expect(shown(`?access_token=${encodeURIComponent(secret)}`)).toBe('?access_token=(redacted)');
    for (let length = 4; length < secret.length; length++)
      expect(shown(`rejected: ${secret.slice(0, length)}`)).toBe('rejected: (redacted)');
    const encoded = encodeURIComponent(secret);
    for (let length = 4; length < encoded.length; length++)
      expect(shown(`rejected: ${encoded.slice(0, length)}`)).toBe('rejected: (redacted)');
  });
});
