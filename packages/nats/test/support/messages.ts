import { decodeTickMessage, type Report, type TickMessage } from '@kite/nats';

import type { Published } from './memory-bus.js';
import { decodePacketOf } from './packets.js';

/** Of a list of messages those that are ticks, read. */
export function ticksOf(messages: readonly Published[]): TickMessage[] {
  return messages
    .filter(({ subject }) => subject.includes('.t.'))
    .map(({ data }) => {
      const read = decodeTickMessage(data);
      if ('flaw' in read) throw new Error(read.flaw);
      return read;
    });
}

/** Of a list of messages the reports, read. */
export function reportsOf(messages: readonly Published[]): Report[] {
  return messages
    .filter(({ subject }) => subject.includes('.m.'))
    .map(({ data }) => JSON.parse(new TextDecoder().decode(data)) as Report);
}

/** The last price that each message shows. */
export function pricesOf(messages: readonly Published[]): number[] {
  return ticksOf(messages).map(({ packet }) => decodePacketOf(packet).lastPrice);
}
