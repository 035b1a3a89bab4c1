import { isIP } from 'node:net';
import { generate } from 'selfsigned';

/** A key and its certificate, as PEM text. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const DAYS = 2;
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** Makes a self-signed certificate for these names and addresses. */
export async function selfSigned(hosts: readonly string[]): Promise<Certificate> {
  const begins = new Date(Date.now() - 3_600_000);
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'kite chaos' }], {
    algorithm: 'sha256',
    keyType: 'ec',
    notBeforeDate: begins,
    notAfterDate: new Date(begins.getTime() + DAYS * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: hosts.map((host) =>
          isIP(host) === 0 ? { type: DNS_NAME, value: host } : { type: IP_ADDRESS, ip: host },
        ),
      },
    ],
  });
  return { key, cert };
}
