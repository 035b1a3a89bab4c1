import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test, vi } from 'vitest';

import { printMarket } from '../../src/live-market/plain.js';
import { streamingMarket } from '../support/example-feed.js';

/** Collects lines as they are seen: they have colours where the environment of the test asks for them. */
function seen(lines: string[]): (line: string) => void {
  return (line) => void lines.push(stripVTControlCharacters(line));
}

describe('the lines without a terminal', () => {
  test('tell of a dropped connection: the fault, the loss, the gap, and prices again', async () => {
    const lines: string[] = [];
    const printed = (what: RegExp) =>
      vi.waitFor(() => expect(lines.join('\n')).toMatch(what), { timeout: 10_000 });
    await using streaming = await streamingMarket({ tokens: [408065] });
    const printing = printMarket(streaming.market, seen(lines), streaming.signal, 20);
    await printed(/healthy +[\d,]+ ticks\/s, 1 open, 0 reconnects \| INFY 1,\d{3}\.\d\d [+-]/);
    await streaming.market.inject('drop', 0);
    await printed(
      /fault +you dropped connection 1\n(.*\n)*.*waiting +connection 1: the connection ended.*\n(.*\n)*.*connecting +connection 1\n(.*\n)*.* open +connection 1\n(.*\n)*.*gap +connection 1: nothing was received for \d/,
    );
    await printed(/ 1 reconnect \| INFY/);
    streaming.end();
    await printing;
    const { length } = lines;
    streaming.market.events.add({ at: 0, kind: 'late', text: '', tone: 'neutral' });
    expect(lines).toHaveLength(length);
  });

  test('are never longer than 119 characters, whatever there is to tell', async () => {
    const lines: string[] = [];
    await using streaming = await streamingMarket();
    const { market } = streaming;
    const printing = printMarket(market, seen(lines), streaming.signal, 20);
    await vi.waitFor(() => expect(lines.join('\n')).toMatch(/3 open.* NIFTY 50 2\d,/), { timeout: 10_000 });
    market.events.add({ at: 0, kind: 'degraded', text: 'a reason in words; '.repeat(20), tone: 'warning' });
    await market.inject('outage', 1);
    await vi.waitFor(() => expect(lines.join('\n')).toMatch(/2 open, 1 (retry|connecting|waiting)/), {
      timeout: 10_000,
    });
    streaming.end();
    await printing;
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(119);
    expect(lines.join(' ').match(/a reason in\s+words;/g)!.length).toBeGreaterThan(10);
  });
});
