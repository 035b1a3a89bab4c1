import { inChild } from '../harness/child.js';
import { FORMS } from './forms.js';
import { CONNECTIONS, type PeerClient } from './peer-client.js';

/**
 * The clients in JavaScript.
 *
 * @param certificate a file with the certificate of the server on localhost
 */
export function jsClients(certificate: string): PeerClient[] {
  const env = { NODE_EXTRA_CA_CERTS: certificate };
  return Object.keys(FORMS).map((name) => ({
    name,
    identity: 'localhost',
    // All tickers of the official client share a socket.
    connections: name.startsWith('kiteconnect') ? 1 : CONNECTIONS,
    awaitsRequests: false,
    run: (job) => inChild('peer-client', job, { env }),
  }));
}
