import dns from 'node:dns';
import net from 'node:net';
import tls from 'node:tls';

/**
 * The network settings of this process, from flags, the environment or calls: Node keeps them for each thread, and a
 * new thread begins with Node's own. A setting that the runtime does not have is absent.
 */
export interface NetworkDefaults {
  readonly dnsResultOrder?: string;
  readonly autoSelectFamily?: boolean;
  /** In milliseconds. */
  readonly autoSelectFamilyAttemptTimeout?: number;
  readonly tls: Readonly<Partial<Record<TlsDefault, string>>>;
  /** The trusted certificates, as PEM. */
  readonly certificates?: readonly string[];
}

type TlsDefault = (typeof TLS_DEFAULTS)[number];

const TLS_DEFAULTS = [
  'DEFAULT_MIN_VERSION',
  'DEFAULT_MAX_VERSION',
  'DEFAULT_CIPHERS',
  'DEFAULT_ECDH_CURVE',
] as const;

/** Node has them from 22.19 and 24.5 on; `@types/node` 20 does not know them. Other runtimes lack more. */
type Runtime = Partial<{
  getDefaultResultOrder: () => string;
  setDefaultResultOrder: (order: string) => void;
  getDefaultAutoSelectFamily: () => boolean;
  setDefaultAutoSelectFamily: (isOn: boolean) => void;
  getDefaultAutoSelectFamilyAttemptTimeout: () => number;
  setDefaultAutoSelectFamilyAttemptTimeout: (ms: number) => void;
  getCACertificates: (type: 'default') => readonly string[];
  setDefaultCACertificates: (certificates: readonly string[]) => void;
}> &
  Partial<Record<TlsDefault, string>>;

const dnsOfRuntime = dns as Runtime;
const netOfRuntime = net as Runtime;
const tlsOfRuntime = tls as Runtime;

/** The settings of this thread. @param withCertificates reading them takes milliseconds, and only TLS needs them */
export function networkDefaults(withCertificates: boolean): NetworkDefaults {
  const known = TLS_DEFAULTS.filter((name) => tlsOfRuntime[name] !== undefined);
  return {
    ...given('dnsResultOrder', dnsOfRuntime.getDefaultResultOrder?.()),
    ...given('autoSelectFamily', netOfRuntime.getDefaultAutoSelectFamily?.()),
    ...given('autoSelectFamilyAttemptTimeout', netOfRuntime.getDefaultAutoSelectFamilyAttemptTimeout?.()),
    tls: Object.fromEntries(known.map((name) => [name, tlsOfRuntime[name]])),
    // If they cannot be set, a worker uses those of the process anyway.
    ...(withCertificates &&
      tlsOfRuntime.setDefaultCACertificates &&
      given('certificates', tlsOfRuntime.getCACertificates?.('default'))),
  };
}

/** Makes the settings of another thread the defaults of this one. */
export function applyNetworkDefaults(defaults: NetworkDefaults): void {
  const { dnsResultOrder, autoSelectFamily, autoSelectFamilyAttemptTimeout, certificates } = defaults;
  if (dnsResultOrder !== undefined) dnsOfRuntime.setDefaultResultOrder?.(dnsResultOrder);
  if (autoSelectFamily !== undefined) netOfRuntime.setDefaultAutoSelectFamily?.(autoSelectFamily);
  if (autoSelectFamilyAttemptTimeout !== undefined)
    netOfRuntime.setDefaultAutoSelectFamilyAttemptTimeout?.(autoSelectFamilyAttemptTimeout);
  for (const [name, value] of Object.entries(defaults.tls)) tlsOfRuntime[name as TlsDefault] = value;
  if (certificates && !isTrustedHere(certificates)) tlsOfRuntime.setDefaultCACertificates?.(certificates);
}

/** Setting them takes longer than comparing, and most programs change none. */
function isTrustedHere(certificates: readonly string[]): boolean {
  const here = tlsOfRuntime.getCACertificates?.('default') ?? [];
  return here.length === certificates.length && here.every((one, index) => one === certificates[index]);
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}
