import { BlockList, isIP } from 'node:net';

const DEFAULT_PORT = '443';

/**
 * Whether NO_PROXY names this server. The list, separated by commas or white space, has names, which include their
 * subdomains (`example.com`; `.example.com` and `*.example.com` mean the subdomains alone), addresses and ranges
 * (`10.0.0.0/8`), each with an optional port, and `*` for everything.
 */
export function isBypassed(target: URL, list: string): boolean {
  const host = unbracketed(target.hostname.toLowerCase()).replace(/\.$/, '');
  const port = target.port === '' ? DEFAULT_PORT : target.port;
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const { name, port: only } = partsOf(entry);
      return (only === undefined || only === port) && names(name, host);
    });
}

function names(name: string, host: string): boolean {
  if (name === '*') return true;
  if (isIP(host) !== 0) return isInRange(name, host);
  const suffix = name.replace(/^\*(?=\.)/, '');
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

/** Compares an address as a range, since it has many spellings. */
function isInRange(range: string, host: string): boolean {
  const [address = '', bits] = range.split('/', 2);
  const family = isIP(address);
  const longest = family === 4 ? 32 : 128;
  const length = bits === undefined ? longest : Number(bits);
  if (family === 0 || !Number.isInteger(length) || length < 0 || length > longest || bits === '')
    return false;
  const ranges = new BlockList();
  ranges.addSubnet(address, length, typeOf(family));
  return ranges.check(host, typeOf(isIP(host)));
}

function typeOf(family: number): 'ipv4' | 'ipv6' {
  return family === 4 ? 'ipv4' : 'ipv6';
}

/** An IPv6 address has colons of its own: with a port it stands in brackets. */
function partsOf(entry: string): { name: string; port: string | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(entry);
  if (bracketed) return { name: bracketed[1]!, port: bracketed[2] };
  const [name = '', port, more] = entry.replace(/\.(?=:\d+$|$)/, '').split(':');
  return port !== undefined && more === undefined && /^\d+$/.test(port)
    ? { name, port }
    : { name: entry.replace(/\.$/, ''), port: undefined };
}

function unbracketed(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
