import type { OrderUpdate } from './order.js';

/** A text message of the server, distinguished by `type`. */
export type TextMessage =
  /** An order postback. */
  | { type: 'order'; order: OrderUpdate }
  /** The server refused a request; the socket stays open. */
  | { type: 'error'; message: string }
  /** A broadcast from the broker. */
  | { type: 'message'; data: unknown }
  /** Undocumented, sent after connecting: today's number of instruments. */
  | { type: 'instruments-meta'; count: number; etag: string }
  /** Undocumented, sent after connecting: an ISO 8601 timestamp. */
  | { type: 'app-code'; timestamp: string }
  /** Anything else: the parsed JSON, or the text itself if it is not JSON. */
  | { type: 'unknown'; data: unknown };

/** Reads a text message of the server. Never throws: anything else comes back whole, as `unknown`. */
export function parseTextMessage(text: string): TextMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { type: 'unknown', data: text };
  }
  return (isObject(json) ? readMessage(json) : undefined) ?? { type: 'unknown', data: json };
}

function readMessage(json: Record<string, unknown>): TextMessage | undefined {
  const { type, data } = json;
  switch (type) {
    case 'order':
      return isOrder(data) ? { type: 'order', order: data } : undefined;
    case 'error':
      return typeof data === 'string' ? { type: 'error', message: data } : undefined;
    case 'message':
      return 'data' in json ? { type: 'message', data } : undefined;
    case 'instruments_meta':
      return readInstrumentsMeta(data);
    case 'app_code':
      return typeof json['timestamp'] === 'string'
        ? { type: 'app-code', timestamp: json['timestamp'] }
        : undefined;
    default:
      return undefined;
  }
}

function readInstrumentsMeta(data: unknown): TextMessage | undefined {
  if (!isObject(data) || typeof data['count'] !== 'number' || typeof data['etag'] !== 'string')
    return undefined;
  return { type: 'instruments-meta', count: data['count'], etag: data['etag'] };
}

function isOrder(data: unknown): data is OrderUpdate {
  return isObject(data) && typeof data['order_id'] === 'string' && typeof data['status'] === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
