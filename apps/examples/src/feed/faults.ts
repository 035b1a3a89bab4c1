import type { Simulator } from '@kite/simulator';

/** What can be made to go wrong; each answers what it did, in words. */
export interface Faults {
  /** Cuts every connection, as a network does. */
  drop(): Promise<string>;
  /** Silences every connection, heartbeats included; again, and they speak. */
  stall(): Promise<string>;
}

/** The faults of a simulated feed. */
export class SimulatorFaults implements Faults {
  readonly #simulator: Simulator;
  /** A replaced connection is a new one, which nobody has stalled. */
  #stalled: readonly number[] = [];

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  drop(): Promise<string> {
    const dropped = this.#simulator.drop() > 0;
    return Promise.resolve(dropped ? 'you dropped the connection' : 'there is no connection to drop');
  }

  async stall(): Promise<string> {
    const open = this.#simulator.connections.map(({ id }) => id);
    const stalled = open.filter((id) => this.#stalled.includes(id));
    if (stalled.length > 0) {
      this.#stalled = [];
      await Promise.all(stalled.map((id) => this.#simulator.resume(id)));
      return 'you resumed the connection';
    }
    this.#stalled = open;
    return this.#simulator.stall() > 0 ? 'you stalled the connection' : 'there is no connection to stall';
  }
}
