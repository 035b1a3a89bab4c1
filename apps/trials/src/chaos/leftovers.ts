/** The process's count of connections for each API key. */
const SLOTS = Symbol.for('@kite/connection/slots');

/** Node's names for resources that keep a process alive. A stopped client holds none of them. */
const KINDS: ReadonlySet<string> = new Set([
  ...['TCPSocketWrap', 'TLSWrap', 'TCPConnectWrap', 'GetAddrInfoReqWrap'],
  ...['MessagePort', 'Timeout', 'Immediate'],
]);

/** Finds what a stopped client left behind in this process. */
export class Leftovers {
  readonly #before: ReadonlyMap<string, number>;

  constructor() {
    this.#before = active();
  }

  /** In words. */
  found(): string[] {
    const found: string[] = [];
    for (const [kind, count] of active()) {
      const more = count - (this.#before.get(kind) ?? 0);
      if (more > 0) found.push(`${more} ${kind}`);
    }
    const { size } = (Reflect.get(globalThis, SLOTS) ?? new Map()) as Map<string, number>;
    if (size > 0) found.push(`${size} keys that still have connections`);
    return found;
  }
}

function active(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo())
    if (KINDS.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
