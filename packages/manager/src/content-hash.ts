import { createHash } from 'node:crypto';

/**
 * A hash of what a JSON value says, whatever the order of the fields in its objects. Undefined if it is nested too
 * deeply for the engine to write it.
 */
export function contentHash(value: unknown): string | undefined {
  const text = textOfContent(value);
  return text === undefined ? undefined : createHash('sha1').update(text).digest('base64');
}

function textOfContent(value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value, (_name, one: unknown) => sorted(one)) as string | undefined;
    return text ?? '';
  } catch {
    return undefined;
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
