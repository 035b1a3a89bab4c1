import { expect, test } from 'vitest';
import * as kite from '@kite/protocol';
import { errorCodeSuite, publicSurface, publicSurfaceSuite } from '@kite/testkit';

const INDEX = new URL('../../src/index.ts', import.meta.url);

publicSurfaceSuite(kite, INDEX, 60);
errorCodeSuite(kite.PROTOCOL_ERRORS, 'PROTOCOL');

test('the public surface is this, and a change of it is a visible one', async () => {
  expect(await publicSurface(INDEX)).toMatchInlineSnapshot(`
    {
      "types": [
        "ChannelId",
        "Clock",
        "DecodeOptions",
        "Depth",
        "DepthLevel",
        "EncodeOptions",
        "EventName",
        "EventOf",
        "FrameIssue",
        "FullTick",
        "Gap",
        "IndexFullTick",
        "IndexQuoteTick",
        "KiteErrorCode",
        "KiteErrorCodes",
        "KiteErrorFields",
        "LtpTick",
        "Ohlc",
        "OrderUpdate",
        "PriceDivisors",
        "QuoteTick",
        "RawFrame",
        "Received",
        "TextMessage",
        "Tick",
        "TickBatch",
        "TickSource",
        "TickerMessage",
        "TickerState",
      ],
      "values": [
        "DEPTH",
        "FRAME",
        "FrameDecoder",
        "FrameWalker",
        "KiteError",
        "KiteInputError",
        "MAX_CONNECTIONS_PER_KEY",
        "MAX_INSTRUMENTS_PER_CONNECTION",
        "Mode",
        "PACKETS",
        "PROTOCOL_ERRORS",
        "SERVER_DEFAULT_MODE",
        "Segment",
        "assertMode",
        "decodeDepth",
        "decodeFrame",
        "decodePacket",
        "encodeFrame",
        "encodePacket",
        "isInstrumentToken",
        "isKiteError",
        "isMode",
        "isTradable",
        "modeRequests",
        "parseInstrumentTokens",
        "parseTextMessage",
        "priceDivisor",
        "segmentName",
        "segmentOf",
        "subscribeRequests",
        "unsubscribeRequests",
      ],
    }
  `);
});
