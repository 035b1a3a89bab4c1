/** A Prometheus endpoint over getStats and getHealth: what to alert on while it runs unattended. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type ConnectionStats, KiteTickerManager } from '@kite/manager';

import { example } from './kit/example.js';

await example(
  async ({ connection, instruments, tokens, onEnd, signal }) => {
    await using manager = new KiteTickerManager({ ...connection, instruments });
    await manager.subscribeSymbols(tokens);
    onEnd(() => manager.stop());
    await manager.start();

    const registry = metricsOf(manager);
    const server = createServer((request, response) => {
      void answer(registry, manager, request.url).then(([status, type, body]) => {
        response.writeHead(status, { 'content-type': type });
        response.end(body);
      });
    });
    server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    console.log(
      `http://127.0.0.1:${port}/metrics for Prometheus, http://127.0.0.1:${port}/health for a load balancer`,
    );

    await once(signal, 'abort');
    server.close();
    server.closeAllConnections();
  },
  { instruments: 900 },
);

type Answer = [status: number, type: string, body: string];

async function answer(registry: Registry, manager: KiteTickerManager, url = '/'): Promise<Answer> {
  if (url === '/metrics') return [200, registry.contentType, await registry.metrics()];
  if (url !== '/health') return [404, 'text/plain', 'There is /metrics, and /health.\n'];
  const health = manager.getHealth();
  return [health.status === 'critical' ? 503 : 200, 'application/json', `${JSON.stringify(health)}\n`];
}

/** Reads everything at each scrape, and nothing in between. */
function metricsOf(manager: KiteTickerManager): Registry {
  const registry = new Registry();
  const each = (tell: (stats: ConnectionStats, labels: { connection: number }) => void) => {
    for (const stats of manager.getStats().connectionStats)
      tell(stats, { connection: stats.connectionId + 1 });
  };
  const gauge = (name: string, help: string, read: (stats: ConnectionStats) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['connection'],
      registers: [registry],
      collect() {
        each((stats, labels) => this.set(labels, read(stats)));
      },
    });
  const counter = (name: string, help: string, read: (stats: ConnectionStats) => number) =>
    new Counter({
      name,
      help,
      labelNames: ['connection'],
      registers: [registry],
      collect() {
        // The manager keeps the totals; this only reports them.
        this.reset();
        each((stats, labels) => this.inc(labels, read(stats)));
      },
    });

  gauge('kite_connection_up', '1 while the connection is open', ({ isConnected }) => Number(isConnected));
  gauge('kite_last_frame_age_seconds', 'Above a few seconds the data is stale', ({ lastFrameAgeMs }) =>
    lastFrameAgeMs === null ? Number.NaN : lastFrameAgeMs / 1000,
  );
  counter('kite_ticks_total', 'Ticks received', ({ ticksReceived }) => ticksReceived);
  counter('kite_reconnects_total', 'How often it opened again after a loss', ({ reconnects }) => reconnects);
  counter(
    'kite_dropped_ticks_total',
    'Ticks dropped because a consumer was slow',
    ({ droppedTicks }) => droppedTicks,
  );
  addLatency(registry, manager);
  new Gauge({
    name: 'kite_unplaced_symbols',
    help: 'Instruments that have no connection',
    registers: [registry],
    collect() {
      this.set(manager.getHealth().unplacedSymbols);
    },
  });
  return registry;
}

/** How late the ticks of each connection are, and the causes: a growing queue, and a busy thread. */
function addLatency(registry: Registry, manager: KiteTickerManager): void {
  new Gauge({
    name: 'kite_latency_seconds',
    help: 'From the arrival of a frame to the end of its delivery',
    labelNames: ['connection', 'quantile'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { connectionId, processingLatencyMs } of manager.getProcessorStats()) {
        const { p50, p99, max } = processingLatencyMs;
        for (const [quantile, ms] of Object.entries({ 0.5: p50, 0.99: p99, 1: max }))
          this.set({ connection: connectionId + 1, quantile }, ms / 1000);
      }
    },
  });
  const delivery = new Histogram({
    name: 'kite_delivery_seconds',
    help: 'From the arrival of a frame on this machine to a listener',
    labelNames: ['connection'],
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
    registers: [registry],
  });
  manager.on('ticks', ({ channelId, receivedAt }) =>
    delivery.observe({ connection: channelId + 1 }, Math.max(0, Date.now() - receivedAt) / 1000),
  );
  new Gauge({
    name: 'kite_queued_items',
    help: 'Items waiting for consumers. If it grows, a loop is too slow',
    labelNames: ['connection'],
    registers: [registry],
    collect() {
      for (const { connectionId, queueSize } of manager.getProcessorStats())
        this.set({ connection: connectionId + 1 }, queueSize);
    },
  });
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  new Gauge({
    name: 'kite_event_loop_lag_seconds',
    help: 'How late the main thread was at worst since the last scrape',
    registers: [registry],
    collect() {
      this.set(delay.max / 1e9);
      delay.reset();
    },
  });
}
