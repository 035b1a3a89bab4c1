import { type AccountOptions, Accounts } from './account.js';
import { type HandshakeRequest, judge, readCredentials, refusal, type Verdict } from './handshake.js';

interface Refusals {
  remaining: number;
  readonly status: number;
  readonly apiKey: string | undefined;
  readonly body: string | undefined;
}

/** Decides on handshakes: the rules, plus the refusals that were asked for. */
export class Admission {
  readonly accounts: Accounts;
  /** Delay before a handshake is answered, in milliseconds; `Infinity`: never. */
  delayMs: number;
  #refusals: Refusals[] = [];

  constructor(accounts: readonly AccountOptions[] | undefined, delayMs: number) {
    this.accounts = new Accounts(accounts);
    this.delayMs = delayMs;
  }

  /** Answers the next `count` handshakes, of this key or any, with this HTTP status and this body or Kite's. */
  refuse(count: number, status: number, apiKey: string | undefined, body: string | undefined): void {
    this.#refusals.push({ remaining: count, status, apiKey, body });
  }

  /** Back to the rules alone, without delay. */
  heal(): void {
    this.#refusals = [];
    this.delayMs = 0;
  }

  decide(request: HandshakeRequest, connectionsOf: (apiKey: string) => number): Verdict {
    const apiKey = readCredentials(request.target)?.apiKey;
    const refused = this.#refusals.find((one) => one.apiKey === undefined || one.apiKey === apiKey);
    if (refused === undefined) return judge(request.target, this.accounts, connectionsOf);
    refused.remaining--;
    this.#refusals = this.#refusals.filter(({ remaining }) => remaining > 0);
    const { status, body } = refused;
    return body === undefined ? refusal(status) : { status, body };
  }
}
