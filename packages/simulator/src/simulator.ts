import { isMode, KiteError, type Mode, type OrderUpdate, type Tick } from '@kite/protocol';

import {
  checkArgument,
  checkCloseCode,
  checkCloseReason,
  checkCount,
  checkDelay,
  checkPart,
  checkStatus,
  checkToken,
  checkTokens,
} from './argument.js';
import { systemClock } from './clock.js';
import type { LoggedRequest, SimulatedConnection } from './connection.js';
import type { SimulatorEvents } from './events.js';
import type { Instrument } from './market/instrument.js';
import { paceOf } from './market/pace.js';
import type { PartialTick } from './market/partial-tick.js';
import { Player, type PlayOptions } from './market/player.js';
import { publishTicks } from './market/publication.js';
import { checkSimulatorOptions, type SimulatorOptions } from './options.js';
import type { ScenarioName } from './scenario-name.js';
import type { Edge } from './server/edge.js';
import type { Handshake } from './server/handshake.js';
import { KiteServer } from './server/kite-server.js';
import type { ConnectionSelector } from './server/selector.js';
import type { SentTick } from './server/sent-log.js';
import type { Session } from './server/session.js';
import { broadcastText, errorText } from './server/text-frames.js';
import { WebSocketEdge } from './websocket-edge.js';

/**
 * Starts a Kite server on this machine; it listens when the promise resolves.
 *
 * @throws KiteInputError `KITE_SIMULATOR_INVALID_OPTION`
 * @throws KiteError `KITE_SIMULATOR_LISTEN_FAILED`
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  checkSimulatorOptions(options);
  const core = new KiteServer(options, options.clock ?? systemClock);
  const edge = new WebSocketEdge(core, {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    tls: options.tls,
  });
  await edge.listen();
  core.start();
  return new Simulator(core, edge, options);
}

/**
 * A running Kite server: what it sees, what it sends, and what can be made to go wrong.
 *
 * Wherever a method takes a selector, it means the open connections that it is about, all of them by default; the
 * methods return how many those were.
 */
export class Simulator implements AsyncDisposable {
  readonly #core: KiteServer;
  readonly #player: Player;
  readonly #edge: Edge;
  readonly #stepIntervalMs: number | undefined;
  #stopped = false;

  /** @internal Use {@link startSimulator}. */
  constructor(core: KiteServer, edge: Edge, options: SimulatorOptions) {
    this.#core = core;
    this.#player = new Player(core.market, core.clock, options.seed ?? 1, () => core.flush());
    this.#edge = edge;
    this.#stepIntervalMs = options.stepIntervalMs;
  }

  /** Where clients connect, `ws://127.0.0.1:<port>/`; the same over a pause. */
  get url(): string {
    return this.#edge.url;
  }

  /**
   * Where its HTTP is, `http://127.0.0.1:<port>`: `/instruments` has the list of instruments as Kite serves it, CSV with an
   * ETag, and `/instruments/NFO` those of one exchange. A day in virtual time serves no HTTP.
   */
  get httpUrl(): string {
    return this.#edge.httpUrl;
  }

  /** The open connections, in the order of their opening. */
  get connections(): readonly SimulatedConnection[] {
    return this.#core.connections;
  }

  /** Every instrument of the list, with its latest price. */
  get instruments(): readonly Instrument[] {
    return this.#core.instruments;
  }

  /** Every attempt to connect, whatever came of it: about the last 10 000. Nothing secret is in it. */
  get handshakes(): readonly Handshake[] {
    return this.#core.handshakes.entries;
  }

  /** What clients asked for: about the last 4000 requests. */
  get requests(): readonly LoggedRequest[] {
    return this.#core.requests.entries;
  }

  /** Every tick that was sent, in order, where `recordSent` is on; else empty. */
  get sent(): readonly SentTick[] {
    return this.#core.sent.entries;
  }

  /** Calls the listener at each such event; the returned function takes it away again. */
  on<T extends keyof SimulatorEvents>(type: T, listener: (event: SimulatorEvents[T]) => void): () => void {
    return this.#core.events.on(type, listener);
  }

  /** Ends every connection and frees the port. Idempotent; nothing of the simulator keeps the process alive afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#player.stop();
    this.#core.stop();
    for (const session of this.#core.select()) session.close(1001, 'the server is going away');
    await this.#edge.close();
  }

  /** {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  // What is sent.

  /** Another rate of the market, as the option `ticksPerSecond`; undefined: the natural pace. */
  setTicksPerSecond(ticksPerSecond: number | undefined): void {
    const accepted = ticksPerSecond === undefined || (Number.isFinite(ticksPerSecond) && ticksPerSecond >= 0);
    checkArgument(accepted, 'ticksPerSecond', ticksPerSecond, 'a finite number from 0, or undefined');
    this.#core.setPace(paceOf(ticksPerSecond, this.#stepIntervalMs));
  }

  /**
   * Makes these ticks the state of their instruments and sends them, in one frame a connection, to anyone who has subscribed
   * to them, in the subscriber's mode. What a tick leaves out stays as it was: `{ instrumentToken, lastPrice }` is enough.
   * Bytes are taken as a ready packet body, unchecked. Where one tick is wrong, none is taken.
   *
   * @returns how many were taken: those whose kind fits their token
   * @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT` for a price off the tick size and an unknown field
   * @throws KiteInputError `KITE_PROTOCOL_INVALID_TICK` for a value that does not fit the wire
   */
  publish(ticks: Iterable<Tick | PartialTick | Uint8Array>): number {
    const published = publishTicks(this.#core.market, ticks);
    this.#core.flush();
    return published;
  }

  /**
   * Resolves with the first connection that has the instrument, now or later.
   *
   * @param mode only in this mode. Default: any
   * @param options `timeoutMs`: how long to wait, 10 000 unless given; `Infinity`: until the simulator stops
   * @throws KiteError `KITE_SIMULATOR_NOT_SUBSCRIBED` when the time is over, `KITE_SIMULATOR_STOPPED`
   * @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT`
   */
  async subscribed(
    token: number,
    mode?: Mode,
    { timeoutMs = 10_000 }: { timeoutMs?: number | undefined } = {},
  ): Promise<SimulatedConnection> {
    checkToken('token', token);
    checkArgument(mode === undefined || isMode(mode), 'mode', mode, "'ltp', 'quote', 'full' or undefined");
    checkDelay('timeoutMs', timeoutMs, true);
    if (this.#stopped) throw new KiteError('KITE_SIMULATOR_STOPPED', 'the simulator was stopped');
    return this.#core.subscribed(token, mode, timeoutMs);
  }

  /**
   * Trades the instrument at these prices, in rupees, one after the other, the first at once; the day's range, volume and
   * order book follow. It does not move by itself meanwhile. Another play of it ends this one.
   *
   * @param options `everyMs`: between two prices, 250 unless given
   * @returns how many were played, once it is over: fewer than all where another play, {@link stop} or the instrument's end
   * came first
   * @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT` for a token without a market and a price off the tick size
   */
  play(token: number, prices: Iterable<number>, options: PlayOptions = {}): Promise<number> {
    return this.#player.playPrices(token, prices, options);
  }

  /**
   * Plays a scenario, as {@link play} plays prices: `gap-at-open`, `circuit`, `expiry-spike` or `auction`. The simulator's seed
   * decides whether it goes up or down.
   *
   * @returns how many of its beats were played, once it is over
   * @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT`
   */
  playScenario(name: ScenarioName, token: number, options: PlayOptions = {}): Promise<number> {
    return this.#player.playScenario(name, token, options);
  }

  /**
   * Sends an order postback on every open connection of the account, as Kite does. What is left out is made up: a
   * complete market order for INFY.
   *
   * @param account an api key or a user id
   * @returns the complete order
   */
  postOrder(account: string, order: Partial<OrderUpdate> = {}): OrderUpdate {
    return this.#core.postOrder(account, order);
  }

  /** The broker's `message` text. */
  broadcast(message: unknown, selector?: ConnectionSelector): number {
    return this.sendText(broadcastText(message), selector);
  }

  /** The `error` text. */
  sendError(message: string, selector?: ConnectionSelector): number {
    return this.sendText(errorText(message), selector);
  }

  /** A text message, word for word. */
  sendText(text: string, selector?: ConnectionSelector): number {
    return this.#each(selector, (session) => session.sendText(text));
  }

  /** A binary message, byte for byte. */
  sendBinary(bytes: Uint8Array, selector?: ConnectionSelector): number {
    // A copy, for it may be sent later: `slice` of a Buffer would be a view.
    const copy = new Uint8Array(bytes);
    return this.#each(selector, (session) => void session.sendBinary(copy));
  }

  /** A WebSocket ping; the `counters` of a connection tell whether it was answered. */
  ping(selector?: ConnectionSelector): number {
    return this.#each(selector, (session) => session.ping());
  }

  /** `count` ticks at once on each connection, over its instruments in turn. Only the selected connections see them. */
  burst(count: number, selector?: ConnectionSelector): number {
    checkCount('count', count);
    return this.#each(selector, (session) => void session.burst(count));
  }

  /**
   * These instruments are traded no more, as contracts after their last day: nothing is sent of them, and subscriptions to
   * them are taken in silence. For good.
   */
  expireInstruments(tokens: Iterable<number>): void {
    const expiring = [...tokens];
    checkTokens('tokens', expiring);
    for (const token of expiring) this.#core.market.expire(token);
  }

  // What goes wrong on open connections.

  /** The TCP connection is reset: no closing handshake, clients see 1006. */
  drop(selector?: ConnectionSelector): number {
    return this.#each(selector, (session) => session.terminate());
  }

  /** Nothing is sent any more, heartbeats neither; the socket stays open and pings are answered. Until {@link resume}. */
  stall(selector?: ConnectionSelector): number {
    return this.#each(selector, (session) => (session.stalled = true));
  }

  /** A half-open peer: the TCP connection stands, and nothing is sent or answered any more, for good. */
  blackhole(selector?: ConnectionSelector): number {
    return this.#each(selector, (session) => session.goMute());
  }

  /** The closing handshake, with a code that may be sent (1000–1014 without 1004–1006, 3000–4999) and at most 123 bytes of reason. */
  close(code = 1000, reason = '', selector?: ConnectionSelector): number {
    checkCloseCode('code', code);
    checkCloseReason('reason', reason);
    return this.#each(selector, (session) => session.close(code, reason));
  }

  /** Flips bits in this part of the frames of ticks, 0 to 1. Connections to come are meant too, unless chosen by id. */
  corrupt(part = 1, selector?: ConnectionSelector): void {
    checkPart('part', part);
    this.#core.damage({ corrupt: part }, selector);
  }

  /** Cuts this part of the frames of ticks short, 0 to 1. Connections to come are meant too, unless chosen by id. */
  truncate(part = 1, selector?: ConnectionSelector): void {
    checkPart('part', part);
    this.#core.damage({ truncate: part }, selector);
  }

  /** Each message comes as so many WebSocket fragments, 1 for whole. Connections to come are meant too, unless chosen by id. */
  fragment(fragments = 3, selector?: ConnectionSelector): void {
    checkCount('fragments', fragments);
    this.#core.damage({ fragments }, selector);
  }

  /** Everything reaches the client so many milliseconds late, in order. Connections to come are meant too, unless chosen by id. */
  lag(delayMs: number, selector?: ConnectionSelector): void {
    checkDelay('delayMs', delayMs, false);
    this.#core.damage({ delayMs }, selector);
  }

  // What goes wrong on the way in.

  /** The next `count` handshakes, of any key or of this one, are answered with this HTTP status (400 to 599) and this body, by default Kite's own. */
  refuse(count: number, status: number, apiKey?: string, body?: string): void {
    checkCount('count', count, true);
    checkStatus('status', status);
    this.#core.admission.refuse(count, status, apiKey, body);
  }

  /** Handshakes are answered after so many milliseconds; `Infinity`: never. */
  slowHandshake(delayMs: number): void {
    checkDelay('delayMs', delayMs, true);
    this.#core.admission.delayMs = delayMs;
  }

  /** Six in the morning: no token that was good so far is good for another connect, of one key or of all. Open connections stream on. */
  expireTokens(apiKey?: string): void {
    this.#core.admission.accounts.expire(apiKey);
  }

  /** Nine in the morning: from now on this key needs this token. */
  setAccessToken(apiKey: string, accessToken: string): void {
    checkArgument(apiKey !== '', 'apiKey', apiKey, 'a non-empty string');
    checkArgument(accessToken !== '', 'accessToken', accessToken, 'a non-empty string');
    this.#core.admission.accounts.setToken(apiKey, accessToken);
  }

  /** The server is down: every connection is reset and connects are refused, until {@link resume}. The market goes on. */
  async pause(): Promise<void> {
    this.drop();
    await this.#edge.close();
  }

  /** Undoes {@link stall} for the selected connections; without a selector {@link pause} as well, on the same port. */
  async resume(selector?: ConnectionSelector): Promise<void> {
    if (this.#stopped) throw new KiteError('KITE_SIMULATOR_STOPPED', 'the simulator was stopped');
    this.#each(selector, (session) => (session.stalled = false));
    if (selector === undefined) await this.#edge.listen();
  }

  /** Takes back corrupt, truncate, fragment, lag, refuse and slowHandshake. */
  heal(): void {
    this.#core.heal();
  }

  #each(selector: ConnectionSelector | undefined, act: (session: Session) => void): number {
    const sessions = this.#core.select(selector);
    for (const session of sessions) act(session);
    return sessions.length;
  }
}
