import { type Gap, KiteError, type Received, type TickBatch, type TickerMessage } from '@kite/protocol';

import type { MessageConsumer, SourceTag } from '../feed/consumer.js';
import { concerns } from '../feed/gap.js';
import { LazyTicks } from '../feed/lazy-ticks.js';
import type { TicksMessage } from '../feed/message.js';
import { Batch, type Held } from './batch.js';
import type { ResolvedChannelOptions } from './channel-options.js';
import { Conflation } from './conflation.js';
import { CONTROL, DATA, type Entry, GAP, MINOR } from './entry.js';
import type { PassedGaps } from './queue.js';
import { type ConsumerContext, QueuedChannel } from './queued-channel.js';

/** Shared by channels of messages and of ticks. */
abstract class DecodedChannel<Item> extends QueuedChannel<Held, Item> implements MessageConsumer {
  readonly takesTicks: boolean;
  readonly #tokens: ReadonlySet<number> | undefined;
  protected readonly conflation: Conflation | undefined;

  constructor(
    options: ResolvedChannelOptions,
    context: ConsumerContext,
    takesTicks: boolean,
    passed: PassedGaps,
  ) {
    super(options, context, undefined, passed);
    this.takesTicks = takesTicks;
    this.#tokens = options.tokens;
    if (options.overflow !== 'conflate') return;
    this.conflation = new Conflation(
      this.queue,
      options,
      context.clock,
      (source, weight) => {
        this.lost(source, weight);
      },
      () => {
        this.pushed();
      },
    );
  }

  abstract message(message: TickerMessage, source: SourceTag): void;

  /** Queues the wanted ticks. */
  protected pushTicks(message: TicksMessage, source: SourceTag): void {
    const wanted = this.#tokens ? onlyOf(message, this.#tokens) : message;
    const { receivedAt } = wanted;
    const count = wanted instanceof LazyTicks ? wanted.count : wanted.ticks.length;
    if (count === 0 || this.isClosed) return;
    if (!this.conflation) {
      this.push(source, wanted, DATA, count, receivedAt);
      return;
    }
    this.conflation.merge(wanted instanceof LazyTicks ? wanted.apart() : wanted.ticks, source, receivedAt);
    this.pushed();
  }

  protected override noteLoss(source: SourceTag, weight: number, receivedAt: number): void {
    if (this.conflation) this.conflation.lost(source, weight, receivedAt);
    else super.noteLoss(source, weight, receivedAt);
  }

  /** Whether the gap concerns a wanted instrument. */
  protected isConcernedBy(gap: Gap): boolean {
    return concerns(gap, this.#tokens);
  }

  protected override settle(): void {
    super.settle();
    this.conflation?.stop();
  }
}

/** A channel of all messages of its sources. */
export class MessagesChannel<Item = TickerMessage> extends DecodedChannel<Item> {
  readonly kind = 'messages';
  readonly #present: (message: TickerMessage, source: SourceTag) => Item;
  /** Out of the queue: reports of what was lost before an item, then the item, which nothing can replace any more. */
  readonly #atHand: Item[] = [];
  /** The source of those items. */
  #atHandOf: SourceTag | undefined;

  /** @param present turns a message into the reader's item; default: the message itself */
  constructor(
    options: ResolvedChannelOptions,
    context: ConsumerContext,
    takesTicks: boolean,
    present?: (message: TickerMessage, source: SourceTag) => Item,
  ) {
    super(options, context, takesTicks, 'all');
    this.#present = present ?? ((message) => message as Item);
  }

  message(message: TickerMessage, source: SourceTag): void {
    const { receivedAt } = message;
    switch (message.type) {
      case 'ticks':
        if (this.takesTicks) this.pushTicks(message, source);
        break;
      case 'lagged':
        if (this.takesTicks) this.lostBefore(source, message.dropped, receivedAt);
        break;
      case 'issue': {
        const rank = rankOfIssue(message.issue);
        if (rank === DATA) this.conflation?.dropIssue();
        const entry = this.push(source, message, rank, 1, receivedAt);
        if (rank === DATA) this.conflation?.noteIssue(entry);
        break;
      }
      case 'message':
      case 'instruments-meta':
      case 'unknown':
        this.push(source, message, MINOR, 1, receivedAt);
        break;
      case 'gap':
        if (this.isConcernedBy(message)) this.push(source, undefined, GAP, 0, receivedAt, gapOf(message));
        break;
      default:
        this.push(source, message, CONTROL, 1, receivedAt);
    }
  }

  /** What is at hand counts as one waiting item, as it did in the queue. */
  override get size(): number {
    return Math.min(this.capacity, this.queue.size + (this.#atHand.length > 0 ? 1 : 0));
  }

  override waitingOf(source: SourceTag): number {
    return super.waitingOf(source) + (this.#atHand.length > 0 && this.#atHandOf === source ? 1 : 0);
  }

  protected override view(held: Held | undefined, source: SourceTag, receivedAt: number): Item {
    if (!(held instanceof Batch)) return this.#present(held!, source);
    const ticks = held.take();
    this.conflation!.tidy();
    return this.#present({ type: 'ticks', ticks, ...received(source, receivedAt) }, source);
  }

  protected override take(): Item | undefined {
    if (this.#atHand.length > 0) return this.#atHand.shift();
    const entry = this.queue.first;
    for (const loss of entry ? (entry.losses ?? []) : this.queue.tailLosses()) this.#mark(loss);
    if (!entry) return this.#atHand.shift();
    this.#mark(entry);
    // An entry without an item was a gap.
    const item = entry.item && this.view(entry.item, entry.source, entry.receivedAt);
    this.queue.remove(entry);
    if (this.#atHand.length === 0) return item;
    if (item !== undefined) this.#atHand.push(item);
    return this.#atHand.shift();
  }

  protected override clear(): void {
    super.clear();
    this.#atHand.length = 0;
  }

  /** Turns what was lost before an entry into messages: ticks first, then a gap. */
  #mark(entry: Entry<Held>): void {
    const { source, dropped, gap } = entry;
    if (dropped === 0 && !gap) return;
    const from = received(source, entry.receivedAt);
    if (dropped > 0) this.#atHand.push(this.#present({ type: 'lagged', dropped, ...from }, source));
    if (gap) this.#atHand.push(this.#present({ type: 'gap', ...gap, ...from }, source));
    this.#atHandOf = source;
    entry.dropped = 0;
    entry.gap = undefined;
  }
}

/** A channel of ticks alone: losses are marked on the batch that follows. */
export class TicksChannel extends DecodedChannel<TickBatch> {
  readonly kind = 'ticks';
  readonly form: 'plain' | 'lazy';

  constructor(options: ResolvedChannelOptions, context: ConsumerContext) {
    super(options, context, true, 'named');
    this.form = options.form;
  }

  message(message: TickerMessage, source: SourceTag): void {
    if (message.type === 'ticks') this.pushTicks(message, source);
    else if (message.type === 'lagged') this.lostBefore(source, message.dropped, message.receivedAt);
    else if (message.type === 'gap' && this.isConcernedBy(message)) {
      this.queue.gap(source, gapOf(message));
      this.conflation?.split(message.instrumentTokens ? undefined : source);
    }
  }

  protected override view(
    held: Held | undefined,
    source: SourceTag,
    receivedAt: number,
    dropped: number,
    gap: Gap | undefined,
  ): TickBatch {
    const { channelId, apiKeyId } = source;
    const ticks = held instanceof Batch ? held.take() : (held as TicksMessage).ticks;
    const batch: TickBatch = { ticks, channelId, receivedAt, dropped };
    if (apiKeyId !== undefined) batch.apiKeyId = apiKeyId;
    if (gap) batch.gap = gap;
    this.conflation?.tidy();
    return batch;
  }
}

function onlyOf(message: TicksMessage, tokens: ReadonlySet<number>): TicksMessage {
  if (message instanceof LazyTicks) return message.only((token) => tokens.has(token));
  return { ...message, ticks: message.ticks.filter((tick) => tokens.has(tick.instrumentToken)) };
}

/** Broken frames and failing listeners may flood the channel: their issues must not push out anything else. */
function rankOfIssue(issue: (TickerMessage & { type: 'issue' })['issue']): typeof DATA | typeof MINOR {
  const isError = issue instanceof KiteError && issue.code !== 'KITE_CONNECTION_LISTENER_FAILED';
  return isError ? MINOR : DATA;
}

function gapOf({ from, to, reason, instrumentTokens }: Gap): Gap {
  return { from, to, reason, ...(instrumentTokens && { instrumentTokens }) };
}

function received({ channelId, apiKeyId }: SourceTag, receivedAt: number): Received {
  return apiKeyId === undefined ? { channelId, receivedAt } : { channelId, apiKeyId, receivedAt };
}
