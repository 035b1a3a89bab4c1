import { Mode } from '@kite/manager';

import {
  clockTime,
  count,
  duration,
  megabytes,
  milliseconds,
  NOTHING,
  percent,
  price,
  shortDuration,
} from '../kit/format.js';
import type { Watched } from '../kit/watch-list.js';
import type { MarketEvent } from './event-log.js';
import type { ConnectionView, Snapshot } from './live-market.js';
import type { Row } from './price-board.js';
import { isSilent } from './streaming.js';

/** A state for display: an open connection may be silent, and a waiting one shows how long it waits. */
export function stateOf({ stats, retryInMs }: ConnectionView): string {
  if (isSilent(stats)) return `silent for ${duration(stats.lastFrameAgeMs ?? 0)}`;
  return retryInMs === null ? stats.state : `retry in ${duration(retryInMs)}`;
}

/** The health in a few words. Reports a silent open connection before the manager gives it up. */
export function healthOf({ health, connections }: Snapshot): string {
  const silent = connections.find(({ stats }) => isSilent(stats));
  return health.status === 'healthy' && silent ? `${silent.name} is silent` : health.status;
}

/** The instruments by mode: `3,000 instruments: 1,800 full, 600 quote, 600 ltp`. */
export function watchedOf(watched: readonly Watched[]): string {
  const modes = [Mode.LTP, Mode.Quote, Mode.Full]
    .map((mode) => ({ mode, size: watched.filter((one) => one.mode === mode).length }))
    .filter(({ size }) => size > 0)
    .reverse();
  return `${counted(watched.length, 'instrument')}: ${modes.map(({ mode, size }) => `${count(size)} ${mode}`).join(', ')}`;
}

/** A connection in a few facts. */
export function factsOf({ rate, stats }: ConnectionView): string[] {
  const { symbolCount, reconnects, averageLatencyMs, lastFrameAgeMs, connectionUptimeMs } = stats;
  return [
    `${count(rate.ticksPerSecond)} ticks/s`,
    counted(symbolCount, 'instrument'),
    counted(reconnects, 'reconnect'),
    `latency ${averageLatencyMs === null ? NOTHING : milliseconds(averageLatencyMs)}`,
    `frame ${lastFrameAgeMs === null ? NOTHING : `${duration(lastFrameAgeMs)} ago`}`,
    `up ${connectionUptimeMs === null ? NOTHING : duration(connectionUptimeMs)}`,
  ];
}

/** The same in fewer letters, for narrow places. */
export function shortFactsOf({ rate, stats }: ConnectionView): string[] {
  const { symbolCount, reconnects, averageLatencyMs, lastFrameAgeMs, connectionUptimeMs } = stats;
  return [
    `${count(rate.ticksPerSecond)}/s`,
    `${count(symbolCount)} instr.`,
    `${count(reconnects)} rec.`,
    averageLatencyMs === null ? NOTHING : milliseconds(averageLatencyMs),
    `age ${lastFrameAgeMs === null ? NOTHING : shortDuration(lastFrameAgeMs)}`,
    `up ${connectionUptimeMs === null ? NOTHING : shortDuration(connectionUptimeMs)}`,
  ];
}

/** All connections in a few facts: `6,120 ticks/s, 2 open, 1 retry in 1.2s, 0 reconnects`. */
export function totalFactsOf({ connections }: Snapshot): string {
  return [
    `${count(sum(connections.map((one) => one.rate.ticksPerSecond)))} ticks/s`,
    statesOf(connections),
    counted(sum(connections.map(({ stats }) => stats.reconnects)), 'reconnect'),
  ].join(', ');
}

/** The number of connections in each state. */
function statesOf(connections: readonly ConnectionView[]): string {
  const sizes = new Map<string, number>();
  for (const one of connections) sizes.set(stateOf(one), (sizes.get(stateOf(one)) ?? 0) + 1);
  return [...sizes].map(([state, size]) => `${size} ${state}`).join(', ');
}

/** A count with its noun: `1 reconnect`, `2 reconnects`. The plural has an s unless given. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** An instrument in a few words: `INFY 1,567.80 +0.32%`. */
export function priceOf({ symbol, instrumentToken, lastPrice, changePercent }: Row): string {
  if (lastPrice === null) return `${symbol} ${NOTHING}`;
  const change = changePercent === null ? '' : ` ${percent(changePercent)}`;
  return `${symbol} ${price(lastPrice, instrumentToken)}${change}`;
}

/** An event in a line. */
export function lineOf({ at, kind, text }: MarketEvent): string {
  return `${clockTime(at)}  ${kind.padEnd(10)}  ${text}`.trimEnd();
}

/** The whole run in a line. */
export function summaryOf({ connections, memoryBytes }: Snapshot, elapsedMs: number): string {
  const total = (of: (stats: ConnectionView['stats']) => number) =>
    sum(connections.map(({ stats }) => of(stats)));
  return [
    `${duration(elapsedMs)}: ${count(total((stats) => stats.ticksReceived))} ticks`,
    `${count(total((stats) => stats.messagesReceived))} messages`,
    `${(total((stats) => stats.bytesReceived) / 1e6).toFixed(1)} MB received`,
    counted(
      total((stats) => stats.reconnects),
      'reconnect',
    ),
    `${megabytes(memoryBytes)} of memory`,
  ].join(', ');
}
