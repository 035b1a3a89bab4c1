import { BoundedBacklog, type Backlog } from './backlog.js';
import type { ChannelId } from './channel-id.js';
import type { ResolvedChannelOptions } from './channel-options.js';
import { BacklogChannel, type BacklogHooks } from './channel.js';
import type { Clock } from './clock.js';
import { ConflatedBacklog } from './conflated-backlog.js';
import type { MessageConsumer } from './consumer.js';
import { concerns } from './gap.js';
import { LagMarks } from './lag-marks.js';
import { LossMarks } from './loss-marks.js';
import type { LaggedMessage, TickBatch, TickerMessage, TicksMessage } from './message.js';

/** What a consumer needs of where it is attached. */
export interface ConsumerContext {
  clock: Clock;
  onLost: (channelId: ChannelId, weight: number, isFirst: boolean) => void;
  onClosed: () => void;
}

/** Feeds a channel of everything that a connection says. */
export class MessageChannelConsumer implements MessageConsumer {
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

  message(message: TickerMessage): void {
    if (message.type === 'ticks' || message.type === 'lagged') {
      if (this.takesTicks) pushTicks(this.channel, message, this.#tokens);
    } else if (message.type !== 'gap' || concerns(message, this.#tokens)) this.channel.pushControl(message);
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
  readonly channel: BacklogChannel<TickerMessage, TickBatch>;
  readonly takesTicks = true;
  readonly #tokens: ReadonlySet<number> | undefined;

  constructor(options: ResolvedChannelOptions, context: ConsumerContext) {
    const marks = new LossMarks<TickerMessage>();
    this.#tokens = options.tokens;
    this.channel = new BacklogChannel({
      ...context,
      capacity: options.capacity,
      backlog: (hooks) => decodedBacklog(options, context.clock, hooks),
      take: (backlog) => {
        const message = marks.next(backlog);
        if (message?.type !== 'ticks') return undefined;
        const { ticks, channelId, receivedAt } = message;
        return marks.mark({ ticks, channelId, receivedAt, dropped: 0 });
      },
    });
  }

  message(message: TickerMessage): void {
    if (message.type === 'ticks' || message.type === 'lagged') pushTicks(this.channel, message, this.#tokens);
    else if (message.type === 'gap' && concerns(message, this.#tokens)) this.channel.pushControl(message);
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

function countTicks(message: TickerMessage): number {
  return message.type === 'ticks' ? message.ticks.length : 1;
}

function pushTicks(
  channel: BacklogChannel<TickerMessage, unknown>,
  message: TicksMessage | LaggedMessage,
  tokens: ReadonlySet<number> | undefined,
): void {
  if (message.type === 'lagged') {
    channel.lose(message.dropped);
    return;
  }
  if (!tokens) {
    channel.push(message);
    return;
  }
  const ticks = message.ticks.filter((tick) => tokens.has(tick.instrumentToken));
  if (ticks.length > 0) channel.push({ ...message, ticks });
}
