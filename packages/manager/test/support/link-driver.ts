import type { AccessToken } from '@kite/connection';
import type { Clock, KiteError, Mode, TickerState } from '@kite/protocol';

import { Account, type Link, LinkControl } from '../../src/connection-parts.js';
import { FAST } from './link-config.js';
import { RecordingListener } from './recording-listener.js';

/** Counts the connections of an API key. */
type Slots = ConstructorParameters<typeof LinkControl>[0]['slots'];

/** As many connections as anybody likes. */
const NO_LIMIT: Slots = { acquire: () => () => undefined };

/** How an account and its connection are made. */
export interface LinkDriverOptions {
  accessToken?: AccessToken;
  slots?: Slots;
  connectionTimeoutMs?: number;
}

/** A connection's owner in short: says what is wanted of one link by calls, and remembers all that it hears. */
export class LinkDriver extends RecordingListener {
  readonly modes = new Map<number, Mode>();
  /** Of the modes. */
  revision = 0;
  readonly account: Account;
  readonly control: LinkControl;

  constructor(clock: Clock, options: LinkDriverOptions = {}) {
    super();
    const {
      accessToken = 'token',
      slots = NO_LIMIT,
      connectionTimeoutMs = FAST.connectionTimeoutMs,
    } = options;
    const apiKey = 'key';
    this.account = new Account({ apiKey, accessToken, clock, connectionTimeoutMs });
    this.control = new LinkControl({
      clock,
      account: this.account,
      slots,
      origin: 'ws://127.0.0.1',
      modes: () => this.modes,
      revision: () => this.revision,
    });
  }

  get link(): Link {
    const { link } = this.control;
    if (!link) throw new Error('there is no link');
    return link;
  }

  /** The names of the states, in order. */
  get names(): TickerState[] {
    return this.states.map(({ state }) => state);
  }

  /** The link of this driver from now on. */
  drives(link: Link): this {
    this.control.use(link);
    return this;
  }

  override state(state: TickerState, at: number, error: KiteError | undefined): void {
    this.control.entered(state, error);
    super.state(state, at, error);
  }

  open(): void {
    this.control.open();
  }

  close(): Promise<void> {
    return this.control.close();
  }

  /** Resolves when all that was called before has been told. */
  async assign(tokens: Iterable<number>, mode: Mode): Promise<void> {
    for (const token of tokens) this.modes.set(token, mode);
    this.control.modesChanged();
    await Promise.resolve();
  }

  /** Resolves when all that was called before has been told. */
  async unsubscribe(tokens: Iterable<number>): Promise<void> {
    for (const token of tokens) this.modes.delete(token);
    this.control.modesChanged();
    await Promise.resolve();
  }

  update(apiKey: string | undefined, accessToken: AccessToken): void {
    this.account.update(apiKey, accessToken);
  }
}
