import { Mode } from '@kite/connection';

import type { Watched } from '../feed/watch-list.js';
import type { MarketEvent } from './event-log.js';
import { clockTime, count, duration, megabytes, milliseconds, NOTHING, percent, price } from './format.js';
import type { ConnectionView, Snapshot } from './live-market.js';
import type { Row } from './price-board.js';

/** A state as it looks from outside: an open connection that has said nothing for longer than heartbeats take is silent. */
export function stateOf({ stats }: ConnectionView): string {
  const { state, lastFrameAgeMs } = stats;
  const isSilent = state === 'open' && lastFrameAgeMs !== null && lastFrameAgeMs > SILENT_MS;
  return isSilent ? `silent for ${duration(lastFrameAgeMs)}` : state;
}

/** The server says something at least once a second. */
const SILENT_MS = 2000;

/** How many instruments in which modes: `3,000 instruments: 1,800 full, 600 quote, 600 ltp`. */
export function watchedOf(watched: readonly Watched[]): string {
  const modes = Object.values(Mode)
    .map((mode) => ({ mode, size: watched.filter((one) => one.mode === mode).length }))
    .filter(({ size }) => size > 0)
    .reverse();
  return `${count(watched.length)} instruments: ${modes.map(({ mode, size }) => `${count(size)} ${mode}`).join(', ')}`;
}

/** A connection in a few facts. */
export function factsOf({ rate, stats }: ConnectionView): string[] {
  const { averageLatencyMs, reconnects, connectionUptimeMs } = stats;
  return [
    `${count(rate.ticksPerSecond)} ticks/s`,
    `${count(rate.framesPerSecond)} frames/s`,
    `${count(reconnects)} ${reconnects === 1 ? 'reconnect' : 'reconnects'}`,
    `latency ${averageLatencyMs === null ? NOTHING : milliseconds(averageLatencyMs)}`,
    `up ${connectionUptimeMs === null ? NOTHING : duration(connectionUptimeMs)}`,
  ];
}

/** An instrument in a few words: `INFY 1,567.80 (+0.32%)`. */
export function priceOf({ symbol, instrumentToken, lastPrice, changePercent }: Row): string {
  if (lastPrice === null) return `${symbol} ${NOTHING}`;
  const change = changePercent === null ? '' : ` (${percent(changePercent)})`;
  return `${symbol} ${price(lastPrice, instrumentToken)}${change}`;
}

/** An event in a line. */
export function lineOf({ at, kind, text }: MarketEvent): string {
  return `${clockTime(at)}  ${kind.padEnd(10)}  ${text}`.trimEnd();
}

/** The whole run in a line. */
export function summaryOf({ connections, memoryBytes }: Snapshot, elapsedMs: number): string {
  const total = (of: (stats: ConnectionView['stats']) => number) =>
    connections.reduce((sum, { stats }) => sum + of(stats), 0);
  const reconnects = total((stats) => stats.reconnects);
  return [
    `${duration(elapsedMs)}: ${count(total((stats) => stats.ticksReceived))} ticks`,
    `${count(total((stats) => stats.messagesReceived))} messages`,
    `${(total((stats) => stats.bytesReceived) / 1e6).toFixed(1)} MB received`,
    `${count(reconnects)} ${reconnects === 1 ? 'reconnect' : 'reconnects'}`,
    `${megabytes(memoryBytes)} of memory`,
  ].join(', ');
}
