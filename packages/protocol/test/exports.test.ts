import * as kite from '@kite/protocol';
import { expect, test } from 'vitest';

test('the public surface is this, and a change of it is a visible one', () => {
  expect(Object.keys(kite).sort()).toMatchInlineSnapshot(`
    [
      "DEFAULT_PRICE_DIVISOR",
      "DEPTH",
      "FRAME",
      "FrameDecoder",
      "FrameWalker",
      "KiteError",
      "KiteInputError",
      "MAX_CONNECTIONS_PER_KEY",
      "MAX_INSTRUMENTS_PER_CONNECTION",
      "MAX_INSTRUMENT_TOKEN",
      "Mode",
      "PACKETS",
      "PROTOCOL_ERRORS",
      "SERVER_DEFAULT_MODE",
      "Segment",
      "assertMode",
      "checkOptions",
      "counted",
      "decodeDepth",
      "decodeFrame",
      "decodePacket",
      "divisorTable",
      "encodeFrame",
      "encodePacket",
      "isInstrumentToken",
      "isKiteError",
      "isMode",
      "isTradable",
      "modeRequests",
      "nearestName",
      "offsetsOf",
      "oneOf",
      "optionRules",
      "parseInstrumentTokens",
      "parseTextMessage",
      "priceDivisor",
      "segmentName",
      "segmentOf",
      "subscribeRequests",
      "textOf",
      "unsubscribeRequests",
      "withMethods",
    ]
  `);
});

test('no export is undefined', () => {
  expect(Object.values(kite)).not.toContain(undefined);
});
