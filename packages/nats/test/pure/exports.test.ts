import { expect, test } from 'vitest';
import * as kite from '@kite/nats';
import { errorCodeSuite, publicSurface, publicSurfaceSuite } from '@kite/testkit';

const INDEX = new URL('../../src/index.ts', import.meta.url);

publicSurfaceSuite(kite, INDEX, 40);
errorCodeSuite(kite.NATS_ERRORS, 'NATS');

test('the public surface is this, and a change of it is a visible one', async () => {
  expect(await publicSurface(INDEX)).toMatchInlineSnapshot(`
    {
      "types": [
        "Beat",
        "BusChannelOptions",
        "BusFeedOptions",
        "BusFeedStats",
        "BusOptions",
        "DemandManager",
        "DemandShare",
        "DemandStats",
        "FrameMessage",
        "NotATickMessage",
        "OpenNats",
        "PublishOptions",
        "PublisherStats",
        "Report",
        "ReportOrigin",
        "ServeDemandOptions",
        "StreamOptions",
        "TickHead",
        "TickMessage",
      ],
      "values": [
        "BusFeed",
        "DemandServer",
        "FeedPublisher",
        "NATS_ERRORS",
        "Subjects",
        "TICK_HEAD",
        "decodeFrameMessage",
        "decodeTickMessage",
        "encodeTickMessage",
        "isKiteError",
        "natsSeam",
        "openBusFeed",
        "publishFeed",
        "serveDemand",
        "shardOf",
      ],
    }
  `);
});
