/** The server's answer to more than 3000 instruments on a connection, word for word. */
export const TOO_MANY_INSTRUMENTS = "Can't subscribe to more than 3000 instruments.";
/** The server's answer to an unreadable request, word for word. */
export const UNREADABLE_REQUEST = 'Error parsing instrument tokens.';

const IST_OFFSET_MS = 5.5 * 3600 * 1000;

export function errorText(message: string): string {
  return JSON.stringify({ type: 'error', data: message });
}

export function broadcastText(data: unknown): string {
  return JSON.stringify({ type: 'message', data });
}

export function orderText(order: object): string {
  return JSON.stringify({ type: 'order', data: order });
}

/** Undocumented, the first text after connecting. */
export function instrumentsMetaText(count: number, etag: string): string {
  return JSON.stringify({ type: 'instruments_meta', data: { count, etag } });
}

/** Undocumented, the second text after connecting. It has no `data` key. */
export function appCodeText(now: number): string {
  return JSON.stringify({ type: 'app_code', timestamp: `${ist(now).slice(0, 19)}+05:30` });
}

/** `YYYY-MM-DD HH:MM:SS` in Indian time without a zone, as in orders. */
export function orderTime(now: number): string {
  return ist(now).slice(0, 19).replace('T', ' ');
}

function ist(now: number): string {
  return new Date(now + IST_OFFSET_MS).toISOString();
}
