import { describe, expect, test, vi } from 'vitest';

import { printMarket } from '../../src/live-market/plain.js';
import { streamingMarket } from '../support/example-feed.js';

describe('the lines without a terminal', () => {
  test('tell of a dropped connection: the fault, the loss, the gap, and prices again', async () => {
    const lines: string[] = [];
    const printed = (what: RegExp) =>
      vi.waitFor(() => expect(lines.join('\n')).toMatch(what), { timeout: 10_000 });
    await using streaming = await streamingMarket({ tokens: [408065] });
    const printing = printMarket(streaming.market, (line) => lines.push(line), streaming.signal, 20);
    await printed(/healthy +[\d,]+ ticks\/s \(1 open [\d,]+\), .* \| INFY 1,\d{3}\.\d\d \([+-]/);
    await streaming.market.inject('drop', 0);
    await printed(
      /fault +you dropped connection 1\n(.*\n)*.*waiting +connection 1: the connection ended.*\n(.*\n)*.*connecting +connection 1\n(.*\n)*.* open +connection 1\n(.*\n)*.*gap +connection 1: nothing was received for \d/,
    );
    await printed(/ 1 reconnect, .* \| INFY/);
    streaming.end();
    await printing;
    const { length } = lines;
    streaming.market.events.add({ at: 0, kind: 'late', text: '', tone: 'neutral' });
    expect(lines).toHaveLength(length);
  });
});
