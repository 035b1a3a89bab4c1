import type { ChannelId, HealthSummary, TickerMessage } from '@kite/manager';

import { count, duration } from '../kit/format.js';
import { counted } from './describe.js';

/** Good or bad news. */
export type Tone = 'good' | 'bad' | 'warning' | 'neutral';

/** Something that happened. */
export interface MarketEvent {
  /** Unix milliseconds. */
  readonly at: number;
  /** In one word. */
  readonly kind: string;
  readonly text: string;
  readonly tone: Tone;
}

/** More than fits any screen, and small enough for a day of trouble. */
const KEPT = 100;

/** Keeps the newest events, oldest first, and passes each new one to listeners. */
export class EventLog {
  readonly #events: MarketEvent[] = [];
  readonly #listeners = new Set<(event: MarketEvent) => void>();

  add(event: MarketEvent): void {
    this.#events.push(event);
    if (this.#events.length > KEPT) this.#events.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /** The newest ones, at most this many. */
  latest(length: number): readonly MarketEvent[] {
    return length > 0 ? this.#events.slice(-length) : [];
  }

  /** Calls the listener for each event; the returned function removes it. */
  on(listener: (event: MarketEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

const STATE_TONES = {
  idle: 'neutral',
  connecting: 'neutral',
  open: 'good',
  waiting: 'warning',
  closing: 'neutral',
  closed: 'neutral',
  failed: 'bad',
} as const;

/** The name of a connection, counted from 1. */
export function connectionName(channelId: ChannelId): string {
  return `connection ${channelId + 1}`;
}

/** What a message means to the viewer; undefined if it is not about the feed itself. */
export function eventOf(message: TickerMessage): MarketEvent | undefined {
  const { receivedAt: at } = message;
  const name = connectionName(message.channelId);
  switch (message.type) {
    case 'state': {
      const { state, error } = message;
      const text = error === undefined ? name : `${name}: ${error.message}`;
      return { at, kind: state, text, tone: STATE_TONES[state] };
    }
    case 'gap': {
      const { from, to, reason, instrumentTokens } = message;
      const what = instrumentTokens
        ? `${counted(instrumentTokens.length, 'instrument')} came here: nothing`
        : 'nothing';
      const text = `${name}: ${what} was received for ${duration(to - from)}: ${reason}`;
      return { at, kind: 'gap', text, tone: 'warning' };
    }
    case 'error':
      return { at, kind: 'error', text: `${name}: the server says: ${message.message}`, tone: 'bad' };
    case 'issue': {
      const { issue } = message;
      const text = 'message' in issue ? issue.message : `a frame has ${issue.kind} at byte ${issue.offset}`;
      return { at, kind: 'issue', text: `${name}: ${text}`, tone: 'bad' };
    }
    case 'lagged':
      return {
        at,
        kind: 'lagged',
        text: `${name}: ${counted(message.dropped, 'tick was', 'ticks were')} dropped`,
        tone: 'bad',
      };
    case 'order': {
      const { status, transaction_type, tradingsymbol } = message.order;
      const text = [transaction_type, tradingsymbol, status].filter(Boolean).join(' ');
      return { at, kind: 'order', text, tone: 'neutral' };
    }
    case 'message':
      return { at, kind: 'message', text: JSON.stringify(message.data), tone: 'neutral' };
    case 'instruments-meta':
    case 'ticks':
    case 'unknown':
      return undefined;
  }
}

/** What a health change means to the viewer. @param shown why connections are down, which their states have told already */
export function healthEvent(
  { status, reasons }: HealthSummary,
  at: number,
  shown: Iterable<string> = [],
): MarketEvent {
  const tone = ({ healthy: 'good', degraded: 'warning', critical: 'bad' } as const)[status];
  const why = [...shown].map((message) => `: ${message}`);
  const text = reasons
    .map((reason) => {
      const told = why.find((one) => reason.endsWith(one)) ?? '';
      return grouped(reason.slice(0, reason.length - told.length));
    })
    .join('; ');
  return { at, kind: status, text, tone };
}

/** A health reason with its numbers of instruments as the rest of the screen writes them: `3,000`. */
function grouped(reason: string): string {
  return reason.replace(/\d+(?= instruments? | in all\)$)/g, (digits) => count(Number(digits)));
}
