import { expect, test } from 'vitest';
import * as kite from '@kite/connection';
import { errorCodeSuite, publicSurface, publicSurfaceSuite } from '@kite/testkit';

const INDEX = new URL('../../src/index.ts', import.meta.url);

publicSurfaceSuite(kite, INDEX, 70);
errorCodeSuite(kite.CONNECTION_ERRORS, 'CONNECTION');

test('the public surface is this, and a change of it is a visible one', async () => {
  expect(await publicSurface(INDEX)).toMatchInlineSnapshot(`
    {
      "types": [
        "AccessToken",
        "Channel",
        "ChannelOptions",
        "Clock",
        "ConnectionConfig",
        "ConnectionStats",
        "CredentialOptions",
        "Depth",
        "DepthLevel",
        "DiagnosticEvents",
        "EventName",
        "EventOf",
        "Feed",
        "FrameIssue",
        "FullTick",
        "Gap",
        "IndexFullTick",
        "IndexQuoteTick",
        "KiteErrorCode",
        "LazyTick",
        "LazyTickBatch",
        "LtpTick",
        "NetworkOptions",
        "Ohlc",
        "OnceOptions",
        "OrderUpdate",
        "QuoteTick",
        "RandomSource",
        "RawChannelOptions",
        "RawFrame",
        "RawTick",
        "Received",
        "SocketEnd",
        "SocketListener",
        "Tick",
        "TickBatch",
        "TickRaw",
        "TickSource",
        "TickerMessage",
        "TickerOptions",
        "TickerState",
        "TlsOptions",
        "Transport",
        "TransportRequest",
        "TransportSocket",
      ],
      "values": [
        "CONNECTION_ERRORS",
        "ChannelId",
        "FrameCursor",
        "FrameDecoder",
        "KiteError",
        "KiteFeed",
        "KiteInputError",
        "KiteTicker",
        "LazyDecoder",
        "Mode",
        "Segment",
        "TickColumns",
        "asIndexQuote32",
        "asInstHeader64",
        "asTickRaw",
        "connectionSeam",
        "decodeFrame",
        "decodeLazy",
        "encodeFrame",
        "isKiteError",
        "packets",
        "segmentName",
        "segmentOf",
        "systemClock",
        "wsTransport",
      ],
    }
  `);
});
