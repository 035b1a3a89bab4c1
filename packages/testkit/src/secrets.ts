import { inspect } from 'node:util';

/** Every way in which a value may come to be printed, in one text. */
export function everyRendering(value: unknown): string {
  return [
    inspect(value, {
      depth: Infinity,
      showHidden: true,
      getters: true,
      maxArrayLength: null,
      maxStringLength: null,
    }),
    inspect(value, { depth: Infinity, showHidden: true, customInspect: false }),
    JSON.stringify(value),
    String(value),
    value instanceof Error ? (value.stack ?? '') : '',
    everythingReachable(value),
  ].join('\n');
}

/** The text of every string that can be reached by properties, hidden ones, symbols, causes, maps and bytes included. */
function everythingReachable(root: unknown): string {
  const seen = new Set<unknown>();
  const found: string[] = [];
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value === 'string') found.push(value);
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (ArrayBuffer.isView(value)) {
      // The whole chunk: anyone who holds a view can read around it.
      found.push(Buffer.from(value.buffer).toString('latin1'));
      continue;
    }
    if (value instanceof Map)
      pending.push(...(value.keys() as Iterable<unknown>), ...(value.values() as Iterable<unknown>));
    if (value instanceof Set) pending.push(...(value as Set<unknown>));
    for (const key of Reflect.ownKeys(value)) {
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      pending.push(String(key), descriptor && 'value' in descriptor ? descriptor.value : undefined);
    }
  }
  return found.join('\n');
}

/** The secret in every spelling in which it travels. */
export function spellings(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ secret }).toString().slice('secret='.length),
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('base64'),
  ];
}
