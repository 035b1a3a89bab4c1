import { packets } from '@kite/connection';
import { ltpBody, VirtualClock } from '@kite/testkit';

import { decodeReport, decodeText } from '../../src/threads/wire/reports.js';
import { RecordType } from '../../src/threads/wire/ring-memory.js';
import { Outbox } from '../../src/threads/worker/outbox.js';
import { ring, type Told } from './ring.js';

/** A packet whose body says which one of all it is. */
export function packet(token: number, version: number, length: number): Uint8Array {
  const body = new Uint8Array(length);
  body.set(ltpBody({ token, last: version }));
  return body;
}

/** What a drained ring says, in words. */
export function words(told: readonly Told[]): string[] {
  return told.map(({ type, link, bytes }) => {
    switch (type) {
      case RecordType.Binary:
        return `${link} frame ${contents(bytes)}`;
      case RecordType.Text:
        return `${link} text ${decodeText(bytes)}`;
      case RecordType.Dropped: {
        const { ticks, fullTicks, frames } = decodeReport(RecordType.Dropped, bytes);
        return `${link} lag ${ticks} ticks ${fullTicks} full ${frames} frames`;
      }
      case RecordType.State:
        return `${link} state ${decodeReport(RecordType.State, bytes).state}`;
      case RecordType.Asked:
        return `${link} asked ${decodeReport(RecordType.Asked, bytes).revision}`;
      case RecordType.Status:
        return `${link} status ${decodeReport(RecordType.Status, bytes).status}`;
      case RecordType.Issue: {
        const { code, fields } = decodeReport(RecordType.Issue, bytes);
        return `${link} issue ${code} ${fields?.dropped} texts ${fields?.orders} orders`;
      }
    }
  });
}

function contents(frame: Uint8Array): string {
  return bodies(frame)
    .map(({ token, version }) => `${token}@${version}`)
    .join(' ');
}

/** What {@link packet} made, read again from a frame. */
export function bodies(frame: Uint8Array): { token: number; version: number; length: number }[] {
  return [...packets(frame)].map((body) => {
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    return { token: view.getUint32(0), version: view.getUint32(4), length: body.length };
  });
}

/** An outbox whose ring is read when the test wants. */
export function bench(ringBytes: number) {
  const clock = new VirtualClock();
  const { writer, reader, drain, read, holes } = ring(ringBytes);
  const outbox = new Outbox(writer, clock);
  return {
    clock,
    outbox,
    reader,
    holes,
    read,
    drain,
    /** Reads and lets the writer go on until there is nothing left. */
    drainAll() {
      do {
        drain();
        clock.pass(2);
      } while (clock.pending > 0 || drain().length > 0);
      return read;
    },
    /** Fills the ring with texts, so that what comes now overflows. */
    fill() {
      for (let count = 0; clock.pending === 0; count++) outbox.text(9, 0, `filling ${count}`);
    },
  };
}
