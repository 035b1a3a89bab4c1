import { decodeTickMessage, type Report, type TickMessage } from '@kite/nats';

import type { BusMessage } from '../../src/bus/bus.js';
import { decodePacketOf } from './packets.js';

/** Of a list of messages those that are ticks, read. */
export function ticksOf(messages: readonly BusMessage[]): TickMessage[] {
  return messages
    .filter(({ subject }) => subject.includes('.t.'))
    .map(({ data }) => {
      const read = decodeTickMessage(data);
      if ('flaw' in read) throw new Error(read.flaw);
      return read;
    });
}

/** Of a list of messages the reports, read. */
export function reportsOf(messages: readonly BusMessage[]): Report[] {
  return messages
    .filter(({ subject }) => subject.includes('.m.'))
    .map(({ data }) => JSON.parse(new TextDecoder().decode(data)) as Report);
}

/** The last price that each message shows. */
export function pricesOf(messages: readonly BusMessage[]): number[] {
  return ticksOf(messages).map(({ packet }) => decodePacketOf(packet).lastPrice);
}
