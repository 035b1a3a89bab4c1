import { describe, expect, test } from 'vitest';

import { LatencyHistogram } from '../../src/processor-stats.js';

describe('the distribution of latencies', () => {
  test('is zeros before the first', () => {
    expect(new LatencyHistogram().summary()).toEqual({ mean: 0, p50: 0, p99: 0, max: 0 });
  });

  test('is in milliseconds, ordered, and exact to a thousandth', () => {
    const histogram = new LatencyHistogram();
    for (let latency = 1; latency <= 100; latency++) histogram.record(latency / 10);
    const { mean, p50, p99, max } = histogram.summary();
    expect(mean).toBeCloseTo(5.05, 1);
    expect(p50).toBeCloseTo(5, 1);
    expect(p99).toBeCloseTo(9.9, 1);
    expect(max).toBeCloseTo(10, 1);
    expect(p50).toBeLessThanOrEqual(p99);
    expect(p99).toBeLessThanOrEqual(max);
  });

  test.each([0, -3, 1e-9])(
    'takes a latency of %s ms, which a coarse or stepping clock may give',
    (latency) => {
      const histogram = new LatencyHistogram();
      histogram.record(latency);
      expect(histogram.summary().max).toBeGreaterThanOrEqual(0);
      expect(histogram.summary().max).toBeLessThan(0.001);
    },
  );

  test('takes a stall of a minute', () => {
    const histogram = new LatencyHistogram();
    histogram.record(60_000);
    expect(histogram.summary().max / 60_000).toBeCloseTo(1, 2);
  });
});
