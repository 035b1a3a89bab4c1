import { Session } from 'node:inspector/promises';

/**
 * Microseconds of the main thread for a tick: in whose JavaScript, and in the collector's pauses. `ours` is what the
 * bench bundles: the client, and the callback.
 */
export type Parts = Readonly<Record<'ours' | 'ws' | 'node' | 'collector', number>>;

/** V8's profile of the main thread. */
export class Profile {
  readonly #session: Session;

  private constructor(session: Session) {
    this.#session = session;
  }

  static async start(): Promise<Profile> {
    const session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    return new Profile(session);
  }

  async stop(ticks: number): Promise<Parts> {
    const { profile } = await this.#session.post('Profiler.stop');
    this.#session.disconnect();
    const parts: Record<keyof Parts, number> = { ours: 0, ws: 0, node: 0, collector: 0 };
    const partOfNode = new Map(profile.nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]));
    const { samples = [], timeDeltas = [] } = profile;
    for (const [index, id] of samples.entries()) {
      const part = partOfNode.get(id);
      if (part) parts[part] += timeDeltas[index]! / ticks;
    }
    return parts;
  }
}

/** Undefined: native code, or nothing to do. */
function partOf({ functionName, url }: { functionName: string; url: string }): keyof Parts | undefined {
  if (functionName === '(garbage collector)') return 'collector';
  if (url === '') return undefined;
  if (url.startsWith('node:')) return 'node';
  return url.includes('/node_modules/ws/') ? 'ws' : 'ours';
}
