import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { checkOptions, oneOf, type OptionRule, optionRules } from '@kite/kit';
import { type KiteErrorCode, KiteInputError } from '@kite/protocol';

import { isLoopback } from './socket/endpoint.js';
import type { NetworkOptions, TlsOptions } from './socket/network.js';
import {
  type Environment,
  environmentProxy,
  flawOfProxy,
  FROM_ENVIRONMENT,
  PROXY_FORM,
} from './socket/proxy.js';

/** The options that are checked together. */
export interface NetworkChecked extends NetworkOptions {
  readonly url: string;
  readonly allowInsecure: boolean;
}

const text: OptionRule = {
  allowed: 'a non-empty string',
  accepts: (value) => typeof value === 'string' && value !== '',
};

const bits: OptionRule = {
  allowed: 'an integer from 0',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

const versions = oneOf('TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3');

const TLS_RULES = {
  ca: pem('certificates'),
  crl: pem('revocation lists'),
  cert: { ...pem('certificates'), secret: true },
  key: { ...pem('keys'), secret: true },
  pfx: { allowed: 'a Uint8Array', accepts: (value) => value instanceof Uint8Array, secret: true },
  passphrase: { ...text, secret: true },
  ciphers: text,
  ecdhCurve: text,
  sigalgs: text,
  minVersion: versions,
  maxVersion: versions,
  minDHSize: bits,
  secureOptions: bits,
  servername: text,
  rejectUnauthorized: optionRules.boolean,
} as const satisfies Record<keyof TlsOptions, OptionRule>;

const IN_TLS = Object.fromEntries(Object.entries(TLS_RULES).map(([name, rule]) => [`tls.${name}`, rule]));

/** The rules of {@link NetworkOptions}. */
export const NETWORK_RULES = {
  proxy: {
    allowed: PROXY_FORM,
    accepts: (value) =>
      value === FROM_ENVIRONMENT || (typeof value === 'string' && flawOfProxy(value) === undefined),
    why: (value) => (typeof value === 'string' ? flawOfProxy(value) : undefined),
    // It may have a password.
    secret: true,
  },
  tls: { allowed: 'an object of plain data', accepts: isPlainObject, secret: true },
  localAddress: {
    allowed: 'an IP address',
    accepts: (value) => typeof value === 'string' && isIP(value) !== 0,
  },
  family: { allowed: '4 or 6', accepts: (value) => value === 4 || value === 6 },
} as const satisfies Record<keyof NetworkOptions, OptionRule>;

/**
 * Checks network options together, after each of them has passed its rule.
 *
 * @param hasTransport whether the caller supplies the transport
 * @throws KiteInputError with `code`, which shows neither the proxy nor a key
 */
export function checkNetwork(
  code: KiteErrorCode,
  options: NetworkChecked,
  hasTransport: boolean,
  environment: Environment,
): void {
  const refuse = (field: string, value: unknown, allowed: string, message?: string): never => {
    throw new KiteInputError(code, { field, value, allowed }, message);
  };
  const { url, proxy, tls, localAddress, family } = options;
  if (hasTransport)
    for (const field of Object.keys(NETWORK_RULES) as (keyof NetworkOptions)[])
      if (options[field] !== undefined) {
        const allowed = 'one of the two';
        refuse(
          field,
          NOT_SHOWN,
          allowed,
          `${field} says nothing to a transport of your own; allowed: ${allowed}`,
        );
      }
  if (localAddress !== undefined && family !== undefined && isIP(localAddress) !== family)
    refuse('localAddress', localAddress, `an IPv${family} address, as family says`);
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (proxy === FROM_ENVIRONMENT && target) {
    const named = environmentProxy(target, environment);
    const flaw = named === undefined ? undefined : flawOfProxy(named);
    if (flaw !== undefined) {
      const allowed = 'an http: or https: URL of a proxy';
      refuse('proxy', NOT_SHOWN, allowed, `proxy is 'env', and HTTPS_PROXY ${flaw}; allowed: ${allowed}`);
    }
  }
  if (tls) checkTls(code, tls);
  if (tls?.rejectUnauthorized === false && !options.allowInsecure && target && !isLoopback(target.hostname))
    refuse('tls.rejectUnauthorized', false, 'true, or a loopback address, or allowInsecure: true');
}

/** A copy that the caller cannot change, with bytes of its own. */
export function ownTls(tls: TlsOptions): TlsOptions {
  const own = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return new Uint8Array(value);
    return Array.isArray(value) ? Object.freeze(value.map(own)) : value;
  };
  const given = Object.entries(tls).filter(([, value]) => value !== undefined);
  return Object.freeze(Object.fromEntries(given.map(([name, value]) => [name, own(value)])));
}

const NOT_SHOWN = '(not shown)';

function checkTls(code: KiteErrorCode, tls: TlsOptions): void {
  const named = Object.fromEntries(Object.entries(tls).map(([name, value]) => [`tls.${name}`, value]));
  checkOptions(KiteInputError, code, named, IN_TLS);
  try {
    createSecureContext(ownTls(tls) as object);
  } catch (cause) {
    const allowed = 'what TLS can use';
    const why = cause instanceof Error ? cause.message : 'it cannot be used';
    const message = `tls cannot be used: ${why}`;
    throw new KiteInputError(code, { field: 'tls', value: NOT_SHOWN, allowed }, message);
  }
}

function pem(what: string): OptionRule {
  return {
    allowed: `PEM ${what} as text or bytes, or an array of them; the content of a file, not its path`,
    accepts: (value) => {
      const parts = (Array.isArray(value) ? value : [value]) as unknown[];
      return parts.length > 0 && parts.every(isPem);
    },
    // Too long to be shown, and a path would be no help.
    secret: true,
  };
}

function isPem(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('-----BEGIN ');
  return value instanceof Uint8Array && Buffer.from(value).includes('-----BEGIN ');
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
