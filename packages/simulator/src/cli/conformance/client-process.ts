import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

/** A tick as the client printed it. */
export type PrintedTick = Readonly<Record<string, unknown>>;

/** What the client connects and subscribes to. */
export interface ClientPlan {
  readonly url: string;
  readonly apiKey: string;
  readonly accessToken: string;
  /** Mode by token. */
  readonly subscriptions: ReadonlyMap<number, string>;
}

/** How much of the client's stderr is kept. */
const MOST_STDERR = 2000;
const LOOK_EVERY_MS = 10;
/** A client that has not ended this long after SIGTERM is killed. */
const END_WITHIN_MS = 2000;

/** There is no such program, or it may not be run. It says nothing about a client. */
export class NotStartedError extends Error {}

/** The client under test, in its own process, and what it has printed. */
export class ClientProcess implements AsyncDisposable {
  readonly ticks: PrintedTick[] = [];
  readonly orders: unknown[] = [];
  readonly errors: unknown[] = [];
  stderr = '';
  /** Its exit code or signal; undefined while it runs. */
  exit: number | string | undefined;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #notStarted: NotStartedError | undefined;

  constructor(command: readonly string[], plan: ClientPlan) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        KITE_URL: plan.url,
        KITE_API_KEY: plan.apiKey,
        KITE_ACCESS_TOKEN: plan.accessToken,
        KITE_SUBSCRIPTIONS: [...plan.subscriptions].map((one) => one.join(':')).join(','),
      },
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#read(line));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(0, MOST_STDERR);
    });
    this.#ended = new Promise((resolve) => {
      const end = (exit: number | string) => {
        this.exit ??= exit;
        resolve();
      };
      this.#child.once('error', (error) => {
        if (this.#child.pid === undefined)
          this.#notStarted = new NotStartedError(`cannot start '${program}': ${error.message}`);
        end(error.message);
      });
      this.#child.once('close', (code, signal) => end(code ?? signal ?? 'ended'));
    });
  }

  /**
   * Whether the condition, about the client or the server, holds within the time.
   *
   * @throws NotStartedError
   */
  async until(condition: () => boolean, withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (!condition() && performance.now() < deadline) {
      await setTimeout(LOOK_EVERY_MS);
      if (this.#notStarted) throw this.#notStarted;
    }
    return condition();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.exit !== undefined) return;
    this.#child.kill('SIGTERM');
    if (!(await this.until(() => this.exit !== undefined, END_WITHIN_MS))) this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #read(line: string): void {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      // Other output on stdout is ignored.
      return;
    }
    for (const one of Array.isArray(json) ? (json as unknown[]) : [json]) this.#take(one);
  }

  #take(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    const one = value as PrintedTick;
    if (one['type'] === 'order') this.orders.push(one['order']);
    else if (one['type'] === 'error') this.errors.push(one);
    else if ('instrument_token' in one) this.ticks.push(one);
  }
}
