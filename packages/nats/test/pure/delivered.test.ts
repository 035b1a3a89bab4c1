import { describe, expect, test } from 'vitest';
import { encodePacket } from '@kite/protocol';
import { fullTick, INFY, ltpTick, quoteTick } from '@kite/testkit';

import { Delivered } from '../../src/subscribe/delivered.js';
import { decodePacketOf } from '../support/packets.js';

const SOURCE = { channelId: 0, apiKeyId: 'one' } as const;
const TICKS = { ltp: ltpTick(100), quote: quoteTick(101, 5), full: fullTick(102, 6, 0) } as const;

const packetOf = (mode: keyof typeof TICKS): Uint8Array => encodePacket(TICKS[mode]);

describe('what was delivered last of an instrument', () => {
  test('is nothing before the first tick', () => {
    const delivered = new Delivered(INFY);
    expect(delivered.last).toBeUndefined();
    expect(delivered.source).toBeUndefined();
  });

  test.each(['ltp', 'quote', 'full'] as const)(
    'is the whole %s tick, though the bus uses the memory of its packet again',
    (mode) => {
      const delivered = new Delivered(INFY);
      const packet = packetOf(mode);
      const tick = decodePacketOf(packet);
      delivered.note(5, tick, packet, SOURCE, 1000);
      packet.fill(0xff);
      expect(delivered.last).toEqual({ epoch: 5, tick, source: SOURCE, receivedAt: 1000 });
    },
  );

  test('changes its mode, and comes without a packet where ticks were merged', () => {
    const delivered = new Delivered(INFY);
    for (const mode of ['full', 'ltp', 'quote'] as const) {
      const packet = packetOf(mode);
      delivered.note(5, decodePacketOf(packet), packet, SOURCE, 1000);
      expect(delivered.last!.tick).toEqual(decodePacketOf(packet));
    }
    delivered.note(6, ltpTick(12, INFY), undefined, SOURCE, 2000);
    expect(delivered.last).toEqual({ epoch: 6, tick: ltpTick(12, INFY), source: SOURCE, receivedAt: 2000 });
    const packet = packetOf('full');
    delivered.note(7, fullTick(1, 1, 0), packet, SOURCE, 3000);
    expect(delivered.last!.tick).toEqual(decodePacketOf(packet));
  });
});
