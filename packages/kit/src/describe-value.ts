const MAX_LENGTH = 80;

/** A short, printable rendering of any value, for error messages: never throws, never longer than a line. */
export function describeValue(value: unknown): string {
  const text = render(value);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}

function render(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return 'a function';
    case 'object':
      return value === null ? 'null' : renderObject(value);
    default:
      return String(value);
  }
}

function renderObject(value: object): string {
  try {
    const json = JSON.stringify(value) as string | undefined;
    // A Map, a Promise, an ArrayBuffer: empty in JSON, but named by their tag.
    return json === undefined || json === '{}' ? tagOf(value) : json;
  } catch {
    return 'an object that JSON cannot hold';
  }
}

function tagOf(value: object): string {
  const tag = Object.prototype.toString.call(value);
  return tag === '[object Object]' ? '{}' : tag;
}
