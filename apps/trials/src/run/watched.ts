import type { Transport } from '@kite/connection';
import type { VirtualDay } from '@kite/simulator';

import type { WireLog } from './wire-log.js';

const WORKERS = Symbol.for('@kite/io-worker');

interface Port {
  readonly transport: Transport;
}

interface Host {
  spawn(body: (port: Port) => void): unknown;
}

/** The day's options with the wire log below everything, in the main thread and in workers. */
export function watched(options: VirtualDay['options'], wire: WireLog): VirtualDay['options'] {
  const host = (options as unknown as Record<symbol, Host>)[WORKERS]!;
  const watchedHost: Host = {
    spawn: (body) =>
      host.spawn((port) => {
        body(Object.create(port, { transport: { value: wire.over(port.transport) } }) as Port);
      }),
  };
  return Object.assign({ ...options, transport: wire.over(options.transport) }, { [WORKERS]: watchedHost });
}
