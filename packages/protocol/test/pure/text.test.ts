import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OrderUpdate, parseTextMessage } from '@kite/protocol';

const parse = (message: unknown) => parseTextMessage(JSON.stringify(message));

/** Every documented field of an order postback, as the REST API's order object has them. */
const ORDER = {
  user_id: 'AB1234',
  unfilled_quantity: 0,
  app_id: 1234,
  checksum: '',
  placed_by: 'AB1234',
  order_id: '220303000308932',
  exchange_order_id: '1000000001482421',
  parent_order_id: null,
  status: 'COMPLETE',
  status_message: null,
  status_message_raw: null,
  order_timestamp: '2022-03-03 09:24:25',
  exchange_update_timestamp: '2022-03-03 09:24:25',
  exchange_timestamp: '2022-03-03 09:24:25',
  variety: 'regular',
  exchange: 'NSE',
  tradingsymbol: 'SBIN',
  instrument_token: 779521,
  order_type: 'MARKET',
  transaction_type: 'BUY',
  validity: 'DAY',
  product: 'CNC',
  quantity: 1,
  disclosed_quantity: 0,
  price: 0,
  trigger_price: 0,
  average_price: 470,
  filled_quantity: 1,
  pending_quantity: 0,
  cancelled_quantity: 0,
  market_protection: 0,
  meta: {},
  tag: null,
  guid: '1234XabcdefghIJKL',
} satisfies OrderUpdate;

describe('an order postback', () => {
  test('keeps every field under its own name', () => {
    expect(parse({ type: 'order', data: ORDER })).toStrictEqual({ type: 'order', order: ORDER });
  });

  test('may be null in everything but its id and status', () => {
    const nulls = Object.fromEntries(Object.keys(ORDER).map((name) => [name, null]));
    const order = { ...nulls, order_id: '1', status: 'UPDATE' };
    expect(parse({ type: 'order', data: order })).toStrictEqual({ type: 'order', order });
  });

  test('may lack everything but its id and status', () => {
    const order = { order_id: '1', status: 'OPEN' };
    expect(parse({ type: 'order', data: order })).toStrictEqual({ type: 'order', order });
  });

  test('keeps fields and a status that nobody has documented', () => {
    const order = { ...ORDER, status: 'AMO REQ RECEIVED', auction_number: 7, meta: { iceberg: { leg: 1 } } };
    expect(parse({ type: 'order', data: order })).toStrictEqual({ type: 'order', order });
  });

  test.each([
    ['null', null],
    ['an array', [ORDER]],
    ['a string', 'order'],
    ['an object without an id', { status: 'OPEN' }],
    ['an object with a numeric id', { ...ORDER, order_id: 220303000308932 }],
    ['an object with a null status', { ...ORDER, status: null }],
  ])('with %s for data is unknown, whole', (_, data) => {
    const message = { type: 'order', data };
    expect(parse(message)).toStrictEqual({ type: 'unknown', data: message });
  });

  test('reaches no prototype through a __proto__ key', () => {
    const text = `{"type":"order","data":{"order_id":"1","status":"OPEN","__proto__":{"polluted":true}},"__proto__":{"type":"error"}}`;
    const message = parseTextMessage(text);
    expect(message.type).toBe('order');
    expect((message as unknown as { order: { polluted?: boolean } }).order.polluted).toBeUndefined();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("the server's other messages", () => {
  test.each(["Can't subscribe to more than 3000 instruments.", 'Error parsing instrument tokens.', ''])(
    'error: %j',
    (data) => {
      expect(parse({ type: 'error', data })).toStrictEqual({ type: 'error', message: data });
    },
  );

  test.each([['Exchange is closed today.'], [{ title: 'x' }], [null], [0], [[]]])('message: %j', (data) => {
    expect(parse({ type: 'message', data })).toStrictEqual({ type: 'message', data });
  });

  test('instruments_meta, which is undocumented', () => {
    const text = '{"type":"instruments_meta","data":{"count":86481,"etag":"W/\\"68907d60-55bf\\""}}';
    expect(parseTextMessage(text)).toStrictEqual({
      type: 'instruments-meta',
      count: 86481,
      etag: 'W/"68907d60-55bf"',
    });
  });

  test('app_code, which is undocumented and has no data', () => {
    expect(parseTextMessage('{"type":"app_code","timestamp":"2025-08-04T13:50:28+05:30"}')).toStrictEqual({
      type: 'app-code',
      timestamp: '2025-08-04T13:50:28+05:30',
    });
  });
});

describe('anything else passes through as unknown, whole', () => {
  test.each([
    { type: 'ticker', data: 1 },
    { type: 'error', data: { code: 1 } },
    { type: 'error' },
    { type: 'message' },
    { type: 'order' },
    { type: 'instruments_meta', data: null },
    { type: 'instruments_meta', data: { count: '86481', etag: 'x' } },
    { type: 'instruments_meta', data: { count: 86481, etag: null } },
    { type: 'instruments_meta', data: { count: null, etag: 'x' } },
    { type: 'app_code', data: 'x' },
    { type: 'app_code', timestamp: null },
    { type: null, data: null },
    { type: ['order'], data: ORDER },
    { type: 'constructor' },
    { type: '__proto__' },
    { data: ORDER },
    {},
    [],
    [{ type: 'error', data: 'x' }],
    null,
    true,
    12,
    'text',
  ])('%j', (message) => {
    expect(parse(message)).toStrictEqual({ type: 'unknown', data: message });
  });

  test.each(['', ' ', 'hello', '{"type":"order"', '{type:1}', 'NaN', '\u0000', '<html>403</html>'])(
    'and what is no JSON as the text itself: %j',
    (text) => {
      expect(parseTextMessage(text)).toStrictEqual({ type: 'unknown', data: text });
    },
  );

  test('a message of megabytes, or nested a hundred thousand deep', () => {
    const long = 'x'.repeat(5_000_000);
    expect(parse({ type: 'error', data: long })).toStrictEqual({ type: 'error', message: long });
    expect(parseTextMessage('['.repeat(100_000)).type).toBe('unknown');
    expect(parseTextMessage('['.repeat(100_000) + ']'.repeat(100_000)).type).toBe('unknown');
  });

  test('no text and no JSON throws', () => {
    const types = fc.constantFrom('order', 'error', 'message', 'instruments_meta', 'app_code');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.tuple(types, fc.jsonValue()).map(([type, data]) => JSON.stringify({ type, data })),
        ),
        (text) => {
          expect(parseTextMessage(text)).toHaveProperty('type');
        },
      ),
    );
  });
});
