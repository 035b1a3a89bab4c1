import { describe, expect, it, vi } from 'vitest';

import { printMarket } from '../src/live-market/plain.js';
import { streamingMarket } from './support/example-feed.js';

describe('the lines without a terminal', () => {
  it('tell of a dropped connection: the fault, the loss, the gap, and prices again', async () => {
    const lines: string[] = [];
    const printed = (what: RegExp) =>
      vi.waitFor(() => expect(lines.join('\n')).toMatch(what), { timeout: 10_000 });
    await using streaming = await streamingMarket({ tokens: [408065] });
    const printing = printMarket(streaming.market, (line) => lines.push(line), streaming.signal, 20);
    await printed(/open +[\d,]+ ticks\/s, .* \| INFY 1,\d{3}\.\d\d \([+-]/);
    await streaming.market.inject('drop');
    await printed(
      /fault +you dropped the connection\n(.*\n)*.*waiting +the connection ended.*\n(.*\n)*.*connecting\n(.*\n)*.* open\n(.*\n)*.*gap +nothing was received for \d/,
    );
    await printed(/ 1 reconnect, .* \| INFY/);
    streaming.end();
    await printing;
    const { length } = lines;
    streaming.market.events.add({ at: 0, kind: 'late', text: '', tone: 'neutral' });
    expect(lines).toHaveLength(length);
  });
});
