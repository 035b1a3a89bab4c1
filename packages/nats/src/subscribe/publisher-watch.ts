import { type Gap, KiteError, type TickerMessage, type TickerState } from '@kite/protocol';

import type { Report, ReportOrigin } from '../wire/report.js';
import { type Publisher, Publishers } from './publishers.js';

type Body =
  | { type: 'state'; state: TickerState; error?: KiteError }
  | Pick<Extract<TickerMessage, { type: 'lagged' }>, 'type' | 'dropped'>;

/** The longest way of a frame through the publisher before its packets are sent. */
const UNDER_WAY_MS = 1000;

/** What the reports mean for the feed. */
export interface ReportSink {
  /** Deliver this, as from this connection of a publisher. */
  message(body: Body, account: number, connection: number, epoch: number): void;
  /** The publisher's feed had a gap; without instruments it concerns the whole connection. */
  gap(epoch: number, gap: Gap, origin: ReportOrigin): void;
  /** A life of a publisher is over; another one began before `to`, Unix milliseconds of the publisher's clock. */
  replaced(former: number, epoch: number, to: number): void;
  /** The publisher of this epoch is gone: another one may send its instruments. `isSilent`: it may come back. */
  lost(epoch: number, isSilent: boolean): void;
  /** The publisher has reported its progress and its accounts. */
  beat(epoch: number): void;
}

/** Follows the reports of publishers: which are at work, and the states of their connections. */
export class PublisherWatch {
  readonly #sink: ReportSink;
  readonly #publishers = new Publishers();
  /** By epoch: everything received before this time has come. Unix milliseconds of the publisher's clock. */
  readonly #completeUntil = new Map<number, number>();

  constructor(sink: ReportSink) {
    this.#sink = sink;
  }

  /** The names of the publishers at work. */
  get names(): string[] {
    return this.#publishers.live.flatMap(({ name }) => name ?? []);
  }

  /** A packet of this publisher has come. */
  sent(epoch: number, monotonic: number): void {
    this.#publishers.sent(epoch, monotonic);
  }

  /** Everything this publisher received over the connection before this time has come; undefined: not known. */
  completeUntil(epoch: number, origin: ReportOrigin): number | undefined {
    const state = this.#publishers.get(epoch)?.beat.states.find((one) => isSame(one, origin))?.state;
    return state === undefined || state === 'open' ? this.#completeUntil.get(epoch) : undefined;
  }

  isLive(epoch: number): boolean {
    return this.#publishers.isLive(epoch);
  }

  /** The id of an account; an empty text if it has none, or none is known. */
  accountOf(epoch: number, account: number): string {
    return this.#publishers.get(epoch)?.beat.accounts[account] ?? '';
  }

  take(report: Report, monotonic: number): void {
    const { epoch, publisher } = report;
    if (report.type === 'bye') {
      this.#publishers.gone(epoch);
      this.#tellAll(epoch, 'closed', lost(publisher, 'has said goodbye'));
      this.#sink.lost(epoch, false);
      return;
    }
    const wasLive = this.#publishers.isLive(epoch);
    const former = this.#publishers.heard(epoch, publisher, monotonic);
    const from = report.type === 'beat' ? report.completeUntil : report.at - UNDER_WAY_MS;
    if (former) {
      this.#sink.replaced(former.epoch, epoch, report.at);
      this.#completeUntil.delete(former.epoch);
    }
    const isComplete = report.type === 'beat' && report.kept === 0;
    if (isComplete || !this.#completeUntil.has(epoch)) this.#completeUntil.set(epoch, from);
    switch (report.type) {
      case 'beat':
        this.#beat(report, wasLive);
        this.#sink.beat(epoch);
        break;
      case 'gap': {
        const { from, to, reason, tokens } = report;
        this.#sink.gap(epoch, { from, to, reason, ...(tokens && { instrumentTokens: tokens }) }, report);
        break;
      }
      case 'state': {
        const { state, reason, account, connection } = report;
        const error = reason === undefined ? undefined : lost(publisher, `says: ${reason}`);
        this.#told(this.#publishers.get(epoch)!, { account, connection, state });
        this.#sink.message({ type: 'state', state, ...(error && { error }) }, account, connection, epoch);
        break;
      }
      case 'lagged':
        this.#sink.message(
          { type: 'lagged', dropped: report.dropped },
          report.account,
          report.connection,
          epoch,
        );
    }
  }

  /** Puts off the deadlines: nothing could be received for this time until now; undefined: at all. */
  excuse(monotonic: number, forMs?: number): void {
    this.#publishers.excuse(monotonic, forMs);
  }

  /** Reports the publishers that have been silent for too long. */
  look(monotonic: number): void {
    for (const { epoch, name } of this.#publishers.lost(monotonic)) {
      this.#tellAll(epoch, 'waiting', lost(name ?? 'without a name', 'was silent for 3 s'));
      this.#sink.lost(epoch, true);
    }
  }

  /** Delivers states that were missed, or are not known yet. */
  #beat({ epoch, accounts, states }: Report & { type: 'beat' }, wasLive: boolean): void {
    const publisher = this.#publishers.get(epoch)!;
    const known = publisher.beat.states;
    publisher.beat = { accounts, states };
    for (const origin of states) {
      const before = known.find((one) => isSame(one, origin));
      if (wasLive && before?.state === origin.state) continue;
      this.#sink.message({ type: 'state', state: origin.state }, origin.account, origin.connection, epoch);
    }
  }

  #told(publisher: Publisher, told: ReportOrigin & { state: TickerState }): void {
    const { accounts, states } = publisher.beat;
    publisher.beat = { accounts, states: [...states.filter((one) => !isSame(one, told)), told] };
  }

  #tellAll(epoch: number, state: TickerState, error: KiteError): void {
    for (const { account, connection } of this.#publishers.get(epoch)?.beat.states ?? [])
      this.#sink.message({ type: 'state', state, error }, account, connection, epoch);
  }
}

function isSame(a: ReportOrigin, b: ReportOrigin): boolean {
  return a.account === b.account && a.connection === b.connection;
}

function lost(publisher: string, what: string): KiteError {
  return new KiteError('KITE_NATS_PUBLISHER_LOST', `the publisher ${publisher} ${what}`);
}
