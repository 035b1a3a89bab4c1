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
 * A running Kite server: inspect it, send with it, make things go wrong.
 *
 * A selector chooses open connections, by default all; most methods that take one return how many it chose.
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

  /** Where clients connect, `ws://127.0.0.1:<port>/`; a pause does not change it. */
  get url(): string {
    return this.#edge.url;
  }

  /**
   * Its HTTP address, `http://127.0.0.1:<port>`: `/instruments` serves the instruments list as Kite does, CSV with an
   * ETag, and `/instruments/NFO` that of one exchange. A day in virtual time serves no HTTP.
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

  /** Attempts to connect, successful or not: about the last 10 000. Contains no secrets. */
  get handshakes(): readonly Handshake[] {
    return this.#core.handshakes.entries;
  }

  /** Clients' requests: about the last 4000. */
  get requests(): readonly LoggedRequest[] {
    return this.#core.requests.entries;
  }

  /** Every tick sent, in order, if `recordSent` is on; else empty. */
  get sent(): readonly SentTick[] {
    return this.#core.sent.entries;
  }

  /** Calls the listener at each such event. Returns a function that removes it. */
  on<T extends keyof SimulatorEvents>(type: T, listener: (event: SimulatorEvents[T]) => void): () => void {
    return this.#core.events.on(type, listener);
  }

  /** Ends every connection and frees the port. Idempotent; afterwards the simulator does not keep the process alive. */
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

  // Sending.

  /** Changes the market's rate, like the option `ticksPerSecond`; undefined: the natural pace. */
  setTicksPerSecond(ticksPerSecond: number | undefined): void {
    const accepted = ticksPerSecond === undefined || (Number.isFinite(ticksPerSecond) && ticksPerSecond >= 0);
    checkArgument(accepted, 'ticksPerSecond', ticksPerSecond, 'a finite number from 0, or undefined');
    this.#core.setPace(paceOf(ticksPerSecond, this.#stepIntervalMs));
  }

  /**
   * Makes these ticks the state of their instruments and sends them to their subscribers, one frame per connection, in
   * the subscriber's mode. Omitted fields keep their values: `{ instrumentToken, lastPrice }` is enough. Bytes are
   * taken as a ready packet body, unchecked. If one tick is wrong, none is taken.
   *
   * @returns how many were taken: those of a kind that fits their token
   * @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT` for a price off the tick size or an unknown field
   * @throws KiteInputError `KITE_PROTOCOL_INVALID_TICK` for a value that does not fit the wire
   */
  publish(ticks: Iterable<Tick | PartialTick | Uint8Array>): number {
    const published = publishTicks(this.#core.market, ticks);
    this.#core.flush();
    return published;
  }

  /**
   * Resolves with the first connection that subscribes to the instrument, now or later.
   *
   * @param mode only in this mode. Default: any
   * @param options `timeoutMs`: how long to wait, default 10 000; `Infinity`: until the simulator stops
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
   * order book follow. Meanwhile it does not move by itself. Another play of it ends this one.
   *
   * @param options `everyMs`: between two prices, default 250
   * @returns how many were played, once it is over: fewer after another play, {@link stop} or the instrument's end
   * @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT` for a token without a market or a price off the tick size
   */
  play(token: number, prices: Iterable<number>, options: PlayOptions = {}): Promise<number> {
    return this.#player.playPrices(token, prices, options);
  }

  /**
   * Plays a scenario like {@link play}: `gap-at-open`, `circuit`, `expiry-spike` or `auction`. The simulator's seed
   * decides whether it goes up or down.
   *
   * @returns how many beats were played, once it is over
   * @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT`
   */
  playScenario(name: ScenarioName, token: number, options: PlayOptions = {}): Promise<number> {
    return this.#player.playScenario(name, token, options);
  }

  /**
   * Sends an order postback on every open connection of the account, as Kite does. Omitted fields come from a complete
   * market order for INFY.
   *
   * @param account an api key or a user id
   * @returns the complete order
   */
  postOrder(account: string, order: Partial<OrderUpdate> = {}): OrderUpdate {
    return this.#core.postOrder(account, order);
  }

  /** Sends the broker's `message` text. */
  broadcast(message: unknown, selector?: ConnectionSelector): number {
    return this.sendText(broadcastText(message), selector);
  }

  /** Sends the `error` text. */
  sendError(message: string, selector?: ConnectionSelector): number {
    return this.sendText(errorText(message), selector);
  }

  /** Sends a text message, word for word. */
  sendText(text: string, selector?: ConnectionSelector): number {
    return this.#each(selector, (session) => session.sendText(text));
  }

  /** Sends a binary message, byte for byte. */
  sendBinary(bytes: Uint8Array, selector?: ConnectionSelector): number {
    // A copy, because it may be sent later; `slice` of a Buffer would be a view.
    const copy = new Uint8Array(bytes);
    return this.#each(selector, (session) => void session.sendBinary(copy));
  }

  /** Sends a WebSocket ping; a connection's `counters` show whether it was answered. */
  ping(selector?: ConnectionSelector): number {
    return this.#each(selector, (session) => session.ping());
  }

  /** Sends `count` ticks at once on each selected connection, and no other, over its instruments in turn. */
  burst(count: number, selector?: ConnectionSelector): number {
    checkCount('count', count);
    return this.#each(selector, (session) => void session.burst(count));
  }

  /**
   * Ends trading in these instruments for good, like contracts after their last day: no more ticks, and subscriptions
   * to them are accepted without an error.
   */
  expireInstruments(tokens: Iterable<number>): void {
    const expiring = [...tokens];
    checkTokens('tokens', expiring);
    for (const token of expiring) this.#core.market.expire(token);
  }

  // Faults of open connections.

  /** Resets the TCP connection: no closing handshake, clients see 1006. */
  drop(selector?: ConnectionSelector): number {
    return this.#each(selector, (session) => session.terminate());
  }

  /** Sends nothing, not even heartbeats, until {@link resume}; the socket stays open and answers pings. */
  stall(selector?: ConnectionSelector): number {
    return this.#each(selector, (session) => (session.stalled = true));
  }

  /** A half-open peer, for good: the TCP connection stands, but nothing is sent or answered. */
  blackhole(selector?: ConnectionSelector): number {
    return this.#each(selector, (session) => session.goMute());
  }

  /** Starts the closing handshake. `code`: 1000–1014 except 1004–1006, or 3000–4999; `reason`: at most 123 bytes. */
  close(code = 1000, reason = '', selector?: ConnectionSelector): number {
    checkCloseCode('code', code);
    checkCloseReason('reason', reason);
    return this.#each(selector, (session) => session.close(code, reason));
  }

  /** Flips bits in this part of the tick frames, 0 to 1. Includes future connections, unless chosen by id. */
  corrupt(part = 1, selector?: ConnectionSelector): void {
    checkPart('part', part);
    this.#core.damage({ corrupt: part }, selector);
  }

  /** Cuts this part of the tick frames short, 0 to 1. Includes future connections, unless chosen by id. */
  truncate(part = 1, selector?: ConnectionSelector): void {
    checkPart('part', part);
    this.#core.damage({ truncate: part }, selector);
  }

  /** Sends each message as this many WebSocket fragments. Includes future connections, unless chosen by id. */
  fragment(fragments = 3, selector?: ConnectionSelector): void {
    checkCount('fragments', fragments);
    this.#core.damage({ fragments }, selector);
  }

  /** Delays everything sent to the client by `delayMs`, in order. Includes future connections, unless chosen by id. */
  lag(delayMs: number, selector?: ConnectionSelector): void {
    checkDelay('delayMs', delayMs, false);
    this.#core.damage({ delayMs }, selector);
  }

  // Faults of handshakes.

  /** Answers the next `count` handshakes, of this key or any, with this HTTP status (400–599) and body, or Kite's. */
  refuse(count: number, status: number, apiKey?: string, body?: string): void {
    checkCount('count', count, true);
    checkStatus('status', status);
    this.#core.admission.refuse(count, status, apiKey, body);
  }

  /** Delays the answer to every handshake by this many milliseconds; `Infinity`: no answer. */
  slowHandshake(delayMs: number): void {
    checkDelay('delayMs', delayMs, true);
    this.#core.admission.delayMs = delayMs;
  }

  /** Six in the morning: present tokens, of one key or all, no longer connect. Open connections stream on. */
  expireTokens(apiKey?: string): void {
    this.#core.admission.accounts.expire(apiKey);
  }

  /** Nine in the morning: from now on this key connects only with this token. */
  setAccessToken(apiKey: string, accessToken: string): void {
    checkArgument(apiKey !== '', 'apiKey', apiKey, 'a non-empty string');
    checkArgument(accessToken !== '', 'accessToken', accessToken, 'a non-empty string');
    this.#core.admission.accounts.setToken(apiKey, accessToken);
  }

  /** Takes the server down until {@link resume}: resets every connection and refuses connects. The market goes on. */
  async pause(): Promise<void> {
    this.drop();
    await this.#edge.close();
  }

  /** Undoes {@link stall} for the selected connections; without a selector also {@link pause}, on the same port. */
  async resume(selector?: ConnectionSelector): Promise<void> {
    if (this.#stopped) throw new KiteError('KITE_SIMULATOR_STOPPED', 'the simulator was stopped');
    this.#each(selector, (session) => (session.stalled = false));
    if (selector === undefined) await this.#edge.listen();
  }

  /** Undoes corrupt, truncate, fragment, lag, refuse and slowHandshake. */
  heal(): void {
    this.#core.heal();
  }

  #each(selector: ConnectionSelector | undefined, act: (session: Session) => void): number {
    const sessions = this.#core.select(selector);
    for (const session of sessions) act(session);
    return sessions.length;
  }
}
