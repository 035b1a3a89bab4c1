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
        "FrameIssue",
        "FullTick",
        "Gap",
        "HealthSummary",
        "IndexFullTick",
        "IndexQuoteTick",
        "KiteErrorCode",
        "KiteTickerManagerBuilder",
        "LazyTick",
        "LtpTick",
        "ManagerConfig",
        "ManagerEvents",
        "ManagerOptions",
        "ManagerStats",
        "Ohlc",
        "OptionBuilder",
        "OrderUpdate",
        "ProcessorStats",
        "QuoteTick",
        "RandomSource",
        "RawChannelOptions",
        "RawFrame",
        "RawTick",
        "Received",
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
  expect(Object.getOwnPropertyNames(kite.KiteTickerManager.prototype).sort()).toMatchInlineSnapshot(`
    [
      "assignSymbols",
      "changeMode",
      "constructor",
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
      "on",
      "start",
      "stop",
      "subscribeSymbols",
      "subscriptions",
      "ticks",
      "toJSON",
      "unsubscribeSymbols",
      "updateCredentials",
    ]
  `);
});
