import type { Clock, TickBatch, TickerMessage } from '@kite/protocol';

import type { ChannelId } from '../feed/channel-id.js';
import type { MessageConsumer } from '../feed/consumer.js';
import { concerns } from '../feed/gap.js';
import type { TicksMessage } from '../feed/message.js';
import { type Backlog, BoundedBacklog } from './backlog.js';
import { BacklogChannel, type BacklogHooks } from './channel.js';
import type { ResolvedChannelOptions } from './channel-options.js';
import { ConflatedBacklog, type HeldMessage } from './conflated-backlog.js';
import { LagMarks } from './lag-marks.js';
import { LossMarks } from './loss-marks.js';

/**
 * What a consumer needs of where it is attached.
 */
export interface ConsumerContext {
  /** For `throttleMs`. */
  clock: Clock;
  /** Told of each loss: of which connection, how much, and whether it is the first since the reader had last kept up. */
  onLost: (channelId: ChannelId, weight: number, isFirst: boolean) => void;
  /** The channel takes nothing more. */
  onClosed: () => void;
}

/**
 * Feeds a channel of everything that a connection says.
 */
export class MessageChannelConsumer implements MessageConsumer {
  /** What it feeds. */
  readonly channel: BacklogChannel<TickerMessage, TickerMessage>;
  readonly takesTicks: boolean;
  readonly #tokens: ReadonlySet<number> | undefined;

  constructor(options: ResolvedChannelOptions, context: ConsumerContext, takesTicks: boolean) {
    this.takesTicks = takesTicks;
    this.#tokens = options.tokens;
    this.channel = new BacklogChannel({
      ...context,
      capacity: options.capacity,
      backlog: (hooks) => new LagMarks(decodedBacklog(options, context.clock, hooks), options.capacity),
      take: (backlog) => backlog.shift(),
    });
  }

  /** Puts it into the channel, ticks only of the instruments that are wanted there. */
  message(message: TickerMessage): void {
    switch (message.type) {
      case 'ticks': {
        const wanted = this.takesTicks ? wantedOf(message, this.#tokens) : undefined;
        if (wanted) this.channel.push(wanted);
        break;
      }
      case 'lagged':
        if (this.takesTicks) this.channel.lose(message.dropped);
        break;
      // Of these there may be a flood, which nothing else is to give way to.
      case 'issue':
        this.channel.push(message);
        break;
      case 'message':
      case 'unknown':
        this.channel.pushMinor(message);
        break;
      case 'gap':
        if (concerns(message, this.#tokens)) this.channel.pushControl(message);
        break;
      default:
        this.channel.pushControl(message);
    }
  }

  end(): void {
    this.channel.end();
  }

  get queueSize(): number {
    return this.channel.size;
  }
}

/** Feeds a channel of ticks alone. */
export class TickChannelConsumer implements MessageConsumer {
  /** What it feeds. */
  readonly channel: BacklogChannel<HeldMessage, TickBatch>;
  readonly takesTicks = true;
  readonly #tokens: ReadonlySet<number> | undefined;
  readonly #marks = new LossMarks<HeldMessage>();

  constructor(options: ResolvedChannelOptions, context: ConsumerContext) {
    const marks = this.#marks;
    this.#tokens = options.tokens;
    this.channel = new BacklogChannel({
      ...context,
      capacity: options.capacity,
      backlog: (hooks) => markedBacklog(options, context.clock, hooks, marks),
      take: (backlog) => {
        const held = marks.next(backlog);
        if (held?.type !== 'ticks') return undefined;
        const { ticks, channelId, receivedAt, gap } = held;
        const batch: TickBatch = { ticks, channelId, receivedAt, dropped: 0 };
        if (gap) batch.gap = gap;
        return marks.mark(batch);
      },
    });
  }

  /** Puts it into the channel, ticks only of the instruments that are wanted there. */
  message(message: TickerMessage): void {
    if (message.type === 'ticks') {
      const wanted = wantedOf(message, this.#tokens);
      if (wanted) this.#push(wanted);
    } else if (message.type === 'lagged') {
      this.channel.lose(message.dropped);
    } else if (message.type === 'gap' && concerns(message, this.#tokens)) {
      const { channelId, from, to, reason, instrumentTokens } = message;
      this.#marks.gap(channelId, { from, to, reason, ...(instrumentTokens && { instrumentTokens }) });
    }
  }

  #push(message: TicksMessage): void {
    const gap = this.#marks.takeGap(message.channelId);
    // The message is not ours alone.
    this.channel.push(gap ? { ...message, gap } : message);
  }

  end(): void {
    this.channel.end();
  }

  get queueSize(): number {
    return this.channel.size;
  }
}

function decodedBacklog(
  { capacity, overflow, throttleMs }: ResolvedChannelOptions,
  clock: Clock,
  hooks: BacklogHooks,
): Backlog<TickerMessage> {
  if (overflow === 'conflate') return new ConflatedBacklog({ capacity, throttleMs, clock, ...hooks });
  return new BoundedBacklog({ capacity, overflow, weigh: countTicks, onLost: hooks.onLost });
}

function markedBacklog(
  { capacity, overflow, throttleMs }: ResolvedChannelOptions,
  clock: Clock,
  hooks: BacklogHooks,
  marks: LossMarks<HeldMessage>,
): Backlog<HeldMessage> {
  if (overflow === 'conflate') return new ConflatedBacklog({ capacity, throttleMs, clock, ...hooks });
  const onLost = (held: HeldMessage, weight: number): void => {
    marks.lost(held, overflow);
    hooks.onLost(held, weight);
  };
  return new BoundedBacklog({ capacity, overflow, weigh: countTicks, onLost });
}

function countTicks(message: HeldMessage): number {
  return message.type === 'ticks' ? message.ticks.length : 1;
}

/** Of these ticks those that are wanted; undefined where there is none. */
function wantedOf(message: TicksMessage, tokens: ReadonlySet<number> | undefined): TicksMessage | undefined {
  if (!tokens) return message;
  const ticks = message.ticks.filter((tick) => tokens.has(tick.instrumentToken));
  return ticks.length > 0 ? { ...message, ticks } : undefined;
}
