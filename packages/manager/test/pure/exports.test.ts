import { expect, test } from 'vitest';
import * as kite from '@kite/manager';
import { errorCodeSuite, publicSurface, publicSurfaceSuite } from '@kite/testkit';

const INDEX = new URL('../../src/index.ts', import.meta.url);

publicSurfaceSuite(kite, INDEX, 75);
errorCodeSuite(kite.MANAGER_ERRORS, 'MANAGER');

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
        "Distribution",
        "EventName",
        "EventOf",
        "Feed",
        "FrameIssue",
        "FullTick",
        "Gap",
        "HealthSummary",
        "IndexFullTick",
        "IndexQuoteTick",
        "KiteErrorCode",
        "KiteTickerManagerBuilder",
        "LastTick",
        "LazyTick",
        "LazyTickBatch",
        "LtpTick",
        "ManagerConfig",
        "ManagerEvents",
        "ManagerOptions",
        "ManagerStats",
        "Ohlc",
        "OnceOptions",
        "OptionBuilder",
        "OrderUpdate",
        "ProcessorStats",
        "QuoteTick",
        "RandomSource",
        "RawChannelOptions",
        "RawFrame",
        "RawTick",
        "Received",
        "Subscriber",
        "SubscriberOptions",
        "Tick",
        "TickBatch",
        "TickRaw",
        "TickSource",
        "TickerMessage",
        "TickerState",
        "Transport",
      ],
      "values": [
        "CONNECTION_ERRORS",
        "ChannelId",
        "FrameCursor",
        "FrameDecoder",
        "KiteError",
        "KiteInputError",
        "KiteTicker",
        "KiteTickerManager",
        "LazyDecoder",
        "MANAGER_ERRORS",
        "Mode",
        "Segment",
        "TickColumns",
        "asIndexQuote32",
        "asInstHeader64",
        "asTickRaw",
        "decodeFrame",
        "decodeLazy",
        "encodeFrame",
        "isKiteError",
        "managerSeam",
        "packets",
        "presets",
        "segmentName",
        "segmentOf",
        "systemClock",
      ],
    }
  `);
});

test('the public surface of a manager is this', () => {
  const { prototype } = kite.KiteTickerManager;
  const ofEveryFeed = Object.getPrototypeOf(prototype) as object;
  const names = [prototype, ofEveryFeed].flatMap((one) => Object.getOwnPropertyNames(one));
  expect([...new Set(names)].sort()).toMatchInlineSnapshot(`
    [
      "assignSymbols",
      "changeMode",
      "clock",
      "constructor",
      "ended",
      "getAllChannels",
      "getAllRawFrameChannels",
      "getChannel",
      "getFreeCapacity",
      "getFullRawSubscriber",
      "getHealth",
      "getLastTick",
      "getProcessorStats",
      "getRawFrameChannel",
      "getSilentSymbols",
      "getStats",
      "getSymbolDistribution",
      "getUnifiedChannel",
      "getUnplacedSymbols",
      "messages",
      "off",
      "on",
      "once",
      "rawFrames",
      "removeListener",
      "replaceSymbols",
      "start",
      "stop",
      "subscribeSymbols",
      "subscriber",
      "subscriptions",
      "ticks",
      "toJSON",
      "unsubscribeSymbols",
      "updateCredentials",
    ]
  `);
});
