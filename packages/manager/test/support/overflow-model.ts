import { expect } from 'vitest';
import { encodeFrame } from '@kite/protocol';

import type { Dropped } from '../../src/connection-parts.js';
import { decodeReport, decodeText } from '../../src/threads/wire/reports.js';
import { RecordType } from '../../src/threads/wire/ring-memory.js';
import { bodies, packet } from './overflow-bench.js';
import type { Told } from './ring.js';

interface Sent {
  token: number;
  link: number;
  length: number;
  /** How many texts and states were sent before it. */
  after: number;
}

/** What was sent over a ring that overflows, and what of it may arrive. */
export class OverflowModel {
  /** By version. */
  readonly #packets: Sent[] = [];
  readonly #texts: string[] = [];
  readonly #frames = new Map<number, number>();
  #kept = 0;

  text(link: number, length: number): string {
    this.#kept++;
    const text = `${this.#kept}`.padEnd(length, '.');
    this.#texts.push(`${link} ${text}`);
    return text;
  }

  state(): void {
    this.#kept++;
  }

  frame(step: { link: number } & ({ heartbeat: boolean } | { frame: [number, number][] })): Uint8Array {
    const { link } = step;
    this.#frames.set(link, (this.#frames.get(link) ?? 0) + 1);
    if ('heartbeat' in step) return Uint8Array.of(0);
    return encodeFrame(
      step.frame.map(([token, length]) => {
        this.#packets.push({ token, link, length, after: this.#kept });
        return packet(token, this.#packets.length - 1, length);
      }),
    );
  }

  judge(read: readonly Told[]): void {
    const texts: string[] = [];
    let kept = 0;
    let at = 0;
    const delivered = new Set<number>();
    const seen = new Map<number, number>();
    const seenOver = new Map<string, number>();
    const lag = new Map([1, 2, 3].map((link) => [link, { ticks: 0, fullTicks: 0, frames: 0 }]));
    const frames = new Map<number, number>();
    for (const record of read) {
      const { type, link, bytes } = record;
      if (type === RecordType.Dropped) {
        const told = decodeReport(RecordType.Dropped, bytes);
        const sum = lag.get(link)!;
        sum.ticks += told.ticks;
        sum.fullTicks += told.fullTicks;
        sum.frames += told.frames;
        continue;
      }
      expect(record.at).toBeGreaterThanOrEqual(at);
      at = record.at;
      if (type !== RecordType.Binary) {
        kept++;
        if (type === RecordType.Text) texts.push(`${link} ${decodeText(bytes)}`);
        continue;
      }
      frames.set(link, (frames.get(link) ?? 0) + 1);
      for (const { token, version } of bytes.length < 2 ? [] : bodies(bytes)) {
        const sent = this.#packets[version]!;
        expect([sent.token, sent.link, sent.after]).toEqual([token, link, kept]);
        expect(version).toBeGreaterThan(seen.get(token) ?? -1);
        seen.set(token, version);
        seenOver.set(keyOf(sent), version);
        delivered.add(version);
        this.#lossesAreTold(seenOver, delivered, lag);
      }
    }
    expect(texts).toEqual(this.#texts);
    expect(kept).toBe(this.#kept);
    for (const [version, sent] of this.#packets.entries())
      expect(seenOver.get(keyOf(sent))).toBeGreaterThanOrEqual(version);
    for (const [link, { ticks, fullTicks, frames: lost }] of lag) {
      const missing = this.#packets.filter((sent, version) => sent.link === link && !delivered.has(version));
      expect([ticks, fullTicks]).toEqual([
        missing.length,
        missing.filter(({ length }) => length === 184).length,
      ]);
      expect((frames.get(link) ?? 0) + lost).toBe(this.#frames.get(link) ?? 0);
    }
  }

  /** What is older than what has come of its instrument over its link comes no more: it has been told as lost. */
  #lossesAreTold(
    seen: ReadonlyMap<string, number>,
    delivered: ReadonlySet<number>,
    lag: ReadonlyMap<number, Dropped>,
  ): void {
    for (const [link, { ticks }] of lag) {
      const superseded = this.#packets.filter(
        (sent, version) =>
          sent.link === link && version < (seen.get(keyOf(sent)) ?? -1) && !delivered.has(version),
      );
      expect(ticks).toBeGreaterThanOrEqual(superseded.length);
    }
  }
}

function keyOf({ link, token }: Sent): string {
  return `${link} ${token}`;
}
