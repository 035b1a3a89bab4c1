import { describe, expectTypeOf, test } from 'vitest';
import {
  decodeFrame,
  type DepthLevel,
  encodeFrame,
  encodePacket,
  type FrameIssue,
  type FullTick,
  type IndexFullTick,
  type IndexQuoteTick,
  isKiteError,
  isMode,
  type KiteError,
  type KiteInputError,
  type LtpTick,
  Mode,
  type OrderUpdate,
  parseTextMessage,
  type QuoteTick,
  Segment,
  type TextMessage,
  type Tick,
} from '@kite/protocol';

// Held by the type check of the tests; at run time these do nothing.

declare const tick: Tick;
declare const message: TextMessage;
declare const issue: FrameIssue;

const never = (): boolean => false;

describe('a tick narrows', () => {
  test('to one kind by mode and tradable', () => {
    if (never()) {
      if (tick.mode === 'ltp') expectTypeOf(tick).toEqualTypeOf<LtpTick>();
      if (tick.mode === 'quote' && tick.tradable) expectTypeOf(tick).toEqualTypeOf<QuoteTick>();
      if (tick.mode === 'quote' && !tick.tradable) expectTypeOf(tick).toEqualTypeOf<IndexQuoteTick>();
      if (tick.mode === 'full' && tick.tradable) expectTypeOf(tick).toEqualTypeOf<FullTick>();
      if (tick.mode === 'full' && !tick.tradable) expectTypeOf(tick).toEqualTypeOf<IndexFullTick>();
    }
  });

  test('to two kinds by mode alone, whose shared fields need no further check', () => {
    if (never()) {
      if (tick.mode === 'full') {
        expectTypeOf(tick).toEqualTypeOf<FullTick | IndexFullTick>();
        expectTypeOf(tick.exchangeTimestamp).toEqualTypeOf<number | null>();
        expectTypeOf(tick).not.toHaveProperty('depth');
      }
      if (tick.mode !== 'ltp') expectTypeOf(tick.ohlc.close).toBeNumber();
    }
  });

  test('to nothing more than the fields of all kinds before a check', () => {
    expectTypeOf<keyof Tick>().toEqualTypeOf<
      'mode' | 'instrumentToken' | 'segment' | 'tradable' | 'lastPrice'
    >();
  });

  test("and an index's netChange is a number, an instrument's may be null", () => {
    expectTypeOf<IndexQuoteTick['netChange']>().toEqualTypeOf<number>();
    expectTypeOf<QuoteTick['netChange']>().toEqualTypeOf<number | null>();
    expectTypeOf<Exclude<Tick, LtpTick>['changePercent']>().toEqualTypeOf<number | null>();
  });

  test('and depth is five levels, each there without a check, and no sixth', () => {
    expectTypeOf<FullTick['depth']['buy'][0]>().toEqualTypeOf<DepthLevel>();
    expectTypeOf<FullTick['depth']['sell']['length']>().toEqualTypeOf<5>();
  });

  test('exhaustively: a switch over both leaves nothing', () => {
    if (never()) {
      if (tick.mode === 'ltp' || tick.tradable) return;
      switch (tick.mode) {
        case 'quote':
        case 'full':
          return;
        default:
          expectTypeOf(tick).toBeNever();
      }
    }
  });
});

describe('the other unions narrow', () => {
  test('text messages by type', () => {
    if (never()) {
      if (message.type === 'order') expectTypeOf(message.order).toEqualTypeOf<OrderUpdate>();
      if (message.type === 'error') expectTypeOf(message.message).toBeString();
      if (message.type === 'unknown') expectTypeOf(message.data).toBeUnknown();
    }
  });

  test('issues by kind', () => {
    if (never()) {
      if (issue.kind === 'unknown-length') expectTypeOf(issue.instrumentToken).toEqualTypeOf<number | null>();
      if (issue.kind === 'unknown-segment') expectTypeOf(issue.instrumentToken).toBeNumber();
    }
    expectTypeOf<FrameIssue['kind']>().toEqualTypeOf<
      'truncated' | 'unknown-length' | 'unknown-segment' | 'trailing-bytes'
    >();
    expectTypeOf<FrameIssue['offset']>().toBeNumber();
  });

  test('an order status is an open set: any string is one', () => {
    expectTypeOf<string>().toExtend<OrderUpdate['status']>();
    expectTypeOf<OrderUpdate['something_new']>().toBeUnknown();
  });

  test('guards narrow unknown values', () => {
    const value: unknown = undefined;
    if (isMode(value)) expectTypeOf(value).toEqualTypeOf<Mode>();
    if (isKiteError(value)) expectTypeOf(value).toEqualTypeOf<KiteError>();
    expectTypeOf<KiteInputError['field']>().toBeString();
  });
});

test('constants are literals, and signatures are what users rely on', () => {
  expectTypeOf(Mode.Full).toEqualTypeOf<'full'>();
  expectTypeOf(Segment.NCO).toEqualTypeOf<12>();
  expectTypeOf(decodeFrame).returns.toEqualTypeOf<Tick[]>();
  expectTypeOf<Uint8Array<SharedArrayBuffer>>().toExtend<Parameters<typeof decodeFrame>[0]>();
  expectTypeOf<Buffer>().toExtend<Parameters<typeof decodeFrame>[0]>();
  expectTypeOf(encodeFrame).returns.toEqualTypeOf<Uint8Array<ArrayBuffer>>();
  expectTypeOf(encodePacket).returns.toEqualTypeOf<Uint8Array<ArrayBuffer>>();
  expectTypeOf(parseTextMessage).returns.toEqualTypeOf<TextMessage>();
});
