/** A request that a server got. */
type Request =
  | { readonly action: 'subscribe' | 'unsubscribe'; readonly tokens: readonly number[] }
  | { readonly action: 'mode'; readonly mode: string; readonly tokens: readonly number[] }
  | { readonly action: 'invalid'; readonly text: string };

/** A connection's requests in words, in order: `mode full ×10`. None where there is no connection. */
export function requestsOf(connection: { readonly requests: readonly Request[] } | undefined): string[] {
  return (connection?.requests ?? []).map((request) => {
    if (request.action === 'invalid') return `invalid ${request.text}`;
    const what = request.action === 'mode' ? `mode ${request.mode}` : request.action;
    return `${what} ×${request.tokens.length}`;
  });
}
