import { type Clock, MAX_INSTRUMENTS_PER_CONNECTION, type Mode, type OrderUpdate } from '@kite/protocol';

import { type LoggedRequest, SimulatedConnection } from '../connection.js';
import { Events } from '../events.js';
import { Catalogue, DEFAULT_INSTRUMENT_COUNT } from '../market/catalogue.js';
import type { Instrument } from '../market/instrument.js';
import { Market } from '../market/market.js';
import { isMoving, type Pace, paceOf } from '../market/pace.js';
import type { Venue } from '../market/venue.js';
import type { SimulatorOptions } from '../options.js';
import { packetsOf, tokenOf } from '../packets.js';
import { Pulse } from '../pulse.js';
import { SeededRandom } from '../random.js';
import { Replay, type ReplayTarget } from '../recording/replay.js';
import type { Account } from './account.js';
import { Admission } from './admission.js';
import { BoundedLog } from './bounded-log.js';
import { type Damage, NO_DAMAGE } from './damage.js';
import { type Handshake, handshakeOf, type HandshakeRequest, refusal, type Verdict } from './handshake.js';
import { InstrumentsList } from './instruments-list.js';
import { completeOrder } from './order.js';
import type { Peer } from './peer.js';
import { type ConnectionSelector, selects } from './selector.js';
import { SentLog } from './sent-log.js';
import { Session, type SessionContext } from './session.js';
import { StandingDamage } from './standing-damage.js';
import { SubscriptionWaits } from './subscription-waits.js';
import { appCodeText, instrumentsMetaText, orderText } from './text-frames.js';

const MAX_LOGGED_HANDSHAKES = 10_000;
const MAX_LOGGED_REQUESTS = 4096;
/** The default instrument of an order: INFY. */
const DEFAULT_ORDER_TOKEN = 408065;

/**
 * The server's rules, without sockets: the transport passes in handshakes and {@link Peer}s, and time comes from the
 * clock.
 */
export class KiteServer {
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  /** Served over HTTP. */
  readonly instrumentsList: InstrumentsList;
  readonly market: Market;
  readonly admission: Admission;
  readonly events = new Events();
  readonly handshakes = new BoundedLog<Handshake>(MAX_LOGGED_HANDSHAKES);
  readonly requests = new BoundedLog<LoggedRequest>(MAX_LOGGED_REQUESTS);
  readonly sent: SentLog;
  readonly #waits: SubscriptionWaits;
  readonly #sessions = new Map<Session, SimulatedConnection>();
  readonly #context: SessionContext;
  readonly #damage = new StandingDamage();
  readonly #heartbeat: Pulse;
  readonly #pings: Pulse | undefined;
  readonly #replay: Replay | undefined;
  readonly #replayStarts: 'immediately' | 'on-open' | 'on-subscribe' | undefined;
  #steps: Pulse;
  #stopped = false;
  #isResting = false;
  /** When the gap that is being replayed ends, on the monotonic clock. */
  #gapEndsAt = -Infinity;
  #lastId = 0;
  #orders = 0;

  /** @param venueOf the venue with an instrument's hours. Default: always open */
  constructor(options: SimulatorOptions, clock: Clock, venueOf?: (instrument: Instrument) => Venue) {
    const { seed = 1, ticksPerSecond, stepIntervalMs, recordSent = false, replay } = options;
    this.clock = clock;
    this.catalogue = new Catalogue(
      seed,
      options.instruments ?? DEFAULT_INSTRUMENT_COUNT,
      clock.now(),
      options.silentTokens,
      options.unlistedTokens,
    );
    this.instrumentsList = new InstrumentsList(this.catalogue.list, () => this.catalogue.version);
    const pace = paceOf(ticksPerSecond, stepIntervalMs);
    this.market = new Market(this.catalogue, clock, seed, pace, replay === undefined, venueOf);
    this.admission = new Admission(options.accounts, options.handshakeDelayMs ?? 0);
    this.#waits = new SubscriptionWaits(clock);
    this.sent = new SentLog(typeof recordSent === 'number' ? recordSent : undefined);
    const damage = new SeededRandom(seed, -1);
    this.#context = {
      market: this.market,
      clock,
      random: options.random ?? (() => damage.next()),
      maxTicksPerFrame: options.maxTicksPerFrame ?? MAX_INSTRUMENTS_PER_CONNECTION,
      maxBufferedBytes: options.maxBufferedBytes ?? 16 * 1024 * 1024,
      onRequest: (session, request) => {
        this.requests.add({
          at: clock.now(),
          connectionId: session.id,
          apiKey: session.account.apiKey,
          request,
        });
        if (request.action === 'subscribe' && this.#replayStarts === 'on-subscribe') this.#startReplay();
        this.events.emit('request', { connection: this.#sessions.get(session)!, request });
      },
      onSubscribed: (session) => this.#waits.look(session),
      sent: recordSent === false ? undefined : this.sent,
    };
    this.#steps = new Pulse(clock, pace.stepMs, (steps) => this.#step(steps));
    this.#heartbeat = new Pulse(clock, options.heartbeatIntervalMs ?? 1000, () => this.#beat());
    const { pingIntervalMs } = options;
    if (pingIntervalMs !== undefined) this.#pings = new Pulse(clock, pingIntervalMs, () => this.#ping());
    if (replay === undefined) return;
    this.#replay = new Replay(replay, clock, this.#replayTarget(replay.verbatim ?? false));
    this.#replayStarts = replay.immediately ? 'immediately' : replay.verbatim ? 'on-open' : 'on-subscribe';
  }

  start(): void {
    this.#startSteps();
    this.#heartbeat.start();
    this.#pings?.start();
    if (this.#replayStarts === 'immediately') this.#startReplay();
  }

  stop(): void {
    this.#stopped = true;
    this.#replay?.stop();
    this.#waits.stop();
    this.#steps.stop();
    this.#heartbeat.stop();
    this.#pings?.stop();
  }

  /** Changes the market's pace. */
  setPace(pace: Pace): void {
    if (this.#stopped) return;
    this.market.pace = pace;
    this.#steps.stop();
    this.#steps = new Pulse(this.clock, pace.stepMs, (steps) => this.#step(steps));
    this.#startSteps();
  }

  /** Stops the market's steps, or resumes them: while every venue is closed, a step would change nothing. */
  rest(isResting: boolean): void {
    if (this.#stopped || isResting === this.#isResting) return;
    this.#isResting = isResting;
    if (isResting) this.#steps.stop();
    else this.#startSteps();
  }

  /** Ends an auction at a venue, see {@link Market.auction}. */
  auction(venue: Venue, opens: boolean): void {
    this.market.auction(venue, opens);
    this.flush();
  }

  /** Decides on a handshake after the set delay. Returns a function that cancels it. */
  admit(request: HandshakeRequest, decided: (verdict: Verdict) => void): () => void {
    const decide = () => {
      const verdict =
        this.clock.monotonic() < this.#gapEndsAt
          ? refusal(503)
          : this.admission.decide(request, (apiKey) => this.select({ apiKey }).length);
      const handshake = handshakeOf(request, verdict.status, this.clock.now());
      this.handshakes.add(handshake);
      decided(verdict);
      this.events.emit('handshake', handshake);
    };
    const { delayMs } = this.admission;
    if (delayMs === 0) {
      decide();
      return () => undefined;
    }
    const timer = delayMs === Infinity ? undefined : this.clock.setTimeout(decide, delayMs);
    return () => this.clock.clearTimeout(timer);
  }

  /** A connection has opened. The transport feeds the session and calls {@link closed} at its end. */
  open(account: Account, peer: Peer): Session {
    const session = new Session(++this.#lastId, account, peer, this.#context);
    this.#damage.afflict(session);
    const connection = new SimulatedConnection(session, () => this.requests.entries);
    this.#sessions.set(session, connection);
    this.events.emit('open', { connection });
    session.sendText(instrumentsMetaText(this.catalogue.list.length, this.catalogue.version));
    session.sendText(appCodeText(this.clock.now()));
    if (this.#replayStarts === 'on-open') this.#startReplay();
    return session;
  }

  /** Called by the transport when a connection has ended. */
  closed(session: Session): void {
    const connection = this.#sessions.get(session);
    if (connection === undefined) return;
    this.#sessions.delete(session);
    session.closed();
    this.events.emit('close', { connection });
  }

  get connections(): readonly SimulatedConnection[] {
    return [...this.#sessions.values()];
  }

  /** Every instrument of the list with its latest price. */
  get instruments(): readonly Instrument[] {
    return this.catalogue.list.map((instrument) => {
      const market = this.market.peek(instrument.instrumentToken);
      return market ? { ...instrument, lastPrice: market.lastPrice } : instrument;
    });
  }

  /** The open sessions that a selector chooses. */
  select(selector?: ConnectionSelector): Session[] {
    return [...this.#sessions.keys()].filter((session) => selects(selector, session));
  }

  /** Damages what the selected connections get; a selection not by id includes future connections. */
  damage(damage: Partial<Damage>, selector: ConnectionSelector | undefined): void {
    for (const session of this.select(selector)) Object.assign(session.damage, damage);
    this.#damage.add(damage, selector);
  }

  /** Ends all refusals, delays and damage. */
  heal(): void {
    this.admission.heal();
    this.#gapEndsAt = -Infinity;
    this.#damage.heal();
    for (const session of this.select()) Object.assign(session.damage, NO_DAMAGE);
  }

  /** Sends what watchers of the market have gathered: one frame each. */
  flush(): void {
    for (const session of this.#sessions.keys()) session.flush();
  }

  /** Resolves with the first session that subscribes to the instrument. */
  async subscribed(token: number, mode: Mode | undefined, timeoutMs: number): Promise<SimulatedConnection> {
    return this.#sessions.get(await this.#waits.wait(this.#sessions.keys(), token, mode, timeoutMs))!;
  }

  /** Completes an order and sends it on every open connection of the account. */
  postOrder(account: string, given: Partial<OrderUpdate>): OrderUpdate {
    const sessions = this.select(account);
    const token = given.instrument_token ?? DEFAULT_ORDER_TOKEN;
    // The instrument may have expired, or accept no subscriptions.
    const instrument = this.catalogue.describe(token);
    const order = completeOrder(given, {
      userId: sessions[0]?.account.userId ?? account,
      instrument,
      lastPrice: this.market.get(token)?.lastPrice ?? instrument.lastPrice,
      now: this.clock.now(),
      sequence: ++this.#orders,
    });
    for (const session of sessions) session.sendText(orderText(order));
    return order;
  }

  #startSteps(): void {
    if (isMoving(this.market.pace) && !this.#isResting) this.#steps.start();
  }

  #step(steps: number): void {
    this.market.run(steps);
    this.flush();
  }

  #beat(): void {
    for (const session of this.#sessions.keys()) session.beat();
  }

  #ping(): void {
    for (const session of this.#sessions.keys()) session.ping();
  }

  #startReplay(): void {
    this.#replay?.start((summary) => this.events.emit('replayed', summary));
  }

  #replayTarget(verbatim: boolean): ReplayTarget {
    const text = (text: string) => {
      for (const session of this.select()) session.sendText(text);
    };
    const gap = (channelId: number, forMs: number) => this.#replayGap(channelId, forMs);
    if (!verbatim) {
      const market = (bytes: Uint8Array) => {
        for (const packet of packetsOf(bytes))
          if (packet.length >= 4) this.market.publish(tokenOf(packet), packet);
        this.flush();
      };
      return { frame: market, text, gap };
    }
    const frame = (bytes: Uint8Array) => {
      for (const session of this.select()) session.sendBinary(bytes);
    };
    return { frame, text, gap };
  }

  /** Drops each key's connection for the recorded one, and refuses connects until the gap is over. */
  #replayGap(channelId: number, forMs: number): void {
    this.#gapEndsAt = Math.max(this.#gapEndsAt, this.clock.monotonic() + forMs);
    const byKey = new Map<string, Session[]>();
    for (const session of this.#sessions.keys())
      byKey.set(session.account.apiKey, [...(byKey.get(session.account.apiKey) ?? []), session]);
    for (const sessions of byKey.values()) sessions[channelId % sessions.length]?.terminate();
  }
}
