import type { ChannelId } from '@kite/manager';
import type { SimulatedConnection, Simulator } from '@kite/simulator';

/** Which connection to break: its number among the client's, and an instrument that it holds, if it holds any. */
export interface FaultTarget {
  readonly channelId: ChannelId;
  readonly holds: number | undefined;
}

/** Breaks connections of a simulated feed on purpose. Each method returns what it did, as text. */
export class Faults {
  readonly #simulator: Simulator;
  /** By the server's number: the connection that replaces a stalled one is new, and not stalled. */
  readonly #stalled = new Set<number>();
  #isRefusing = false;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  /** Cuts it, as a network does. */
  drop(target: FaultTarget): Promise<string> {
    const name = nameOf(target);
    const connection = this.#find(target);
    if (!connection) return Promise.resolve(`${name} is not open`);
    this.#simulator.drop(connection.id);
    return Promise.resolve(`you dropped ${name}`);
  }

  /** Silences it, heartbeats included; a second call ends that. */
  async stall(target: FaultTarget): Promise<string> {
    const name = nameOf(target);
    const connection = this.#find(target);
    if (!connection) return `${name} is not open`;
    if (this.#stalled.delete(connection.id)) {
      await this.#simulator.resume(connection.id);
      return `you resumed ${name}`;
    }
    this.#stalled.add(connection.id);
    this.#simulator.stall(connection.id);
    return `you stalled ${name}`;
  }

  /** Cuts it, and refuses all connections; a second call ends that. */
  async outage(target: FaultTarget): Promise<string> {
    this.#isRefusing = !this.#isRefusing;
    if (!this.#isRefusing) {
      this.#simulator.heal();
      return 'anyone who dials is let in again';
    }
    this.#simulator.refuse(Infinity, 503);
    return `${await this.drop(target)}, and anyone who dials is refused`;
  }

  /** The server identifies a connection by its subscriptions. */
  #find({ holds }: FaultTarget): SimulatedConnection | undefined {
    return this.#simulator.connections.find(({ book }) =>
      holds === undefined ? book.size === 0 : book.has(holds),
    );
  }
}

function nameOf({ channelId }: FaultTarget): string {
  return `connection ${channelId + 1}`;
}
