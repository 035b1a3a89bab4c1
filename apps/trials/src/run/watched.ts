import type { Transport } from '@kite/connection';
import type { VirtualDay } from '@kite/simulator';

import type { WireLog, WorkerLog } from './wire-log.js';

const WORKERS = Symbol.for('@kite/io-worker');

interface Port {
  readonly transport: Transport;
}

interface Listener {
  message(message: unknown): void;
  error(error: Error): void;
  exit(code: number): void;
}

interface Handle {
  listen(listener: Listener): void;
}

interface Host {
  spawn(body: (port: Port) => void): Handle;
}

/** The day's options with the wire log below everything, in the main thread and in workers. */
export function watched(options: VirtualDay['options'], wire: WireLog): VirtualDay['options'] {
  const host = (options as unknown as Record<symbol, Host>)[WORKERS]!;
  const watchedHost: Host = {
    spawn: (body) => {
      const worker = wire.spawned();
      let threadEnded = (): void => undefined;
      const handle = host.spawn((port) => {
        const over = wire.over(port.transport, worker);
        ({ threadEnded } = over);
        body(Object.create(port, { transport: { value: over.transport } }) as Port);
      });
      return watchedHandle(handle, worker, () => threadEnded());
    },
  };
  const { transport } = wire.over(options.transport);
  return Object.assign({ ...options, transport }, { [WORKERS]: watchedHost });
}

/** The worker's handle, which also tells that it has spoken, and of its end. */
function watchedHandle(handle: Handle, worker: WorkerLog, ended: () => void): Handle {
  const listen = (listener: Listener): void =>
    handle.listen({
      message: (message) => {
        worker.hasSpoken = true;
        listener.message(message);
      },
      error: (error) => {
        ended();
        listener.error(error);
      },
      exit: (code) => {
        ended();
        listener.exit(code);
      },
    });
  // Its class has private fields: what is not looked at here runs on the handle itself.
  return new Proxy(handle, {
    get(target, name) {
      if (name === 'listen') return listen;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
