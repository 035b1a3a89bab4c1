import { request as httpRequest } from 'node:http';
import { connect as netConnect, isIP, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { safeCause } from '@kite/kit';
import { KiteError } from '@kite/protocol';

import type { NetworkOptions, TlsOptions } from './network.js';
import type { Proxy } from './proxy.js';

/** The proxy and the target of a tunnel. */
export interface TunnelOptions {
  readonly proxy: Proxy;
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly network: NetworkOptions;
}

/** Gets the tunnel, or the reason why there is none: a `KITE_CONNECTION_PROXY_FAILED`. */
export type TunnelDone = (error: KiteError | undefined, socket?: Socket) => void;

const HINTS: Readonly<Record<number, string>> = {
  403: ': it does not allow this host or port',
  407: ': it wants a user and password, or other ones',
};

/**
 * Asks a proxy for a tunnel (CONNECT). Node's own parser reads the answer and bounds its head. Only the status of the
 * answer is shown, since proxies repeat requests in it, credentials included.
 *
 * @returns a function that gives up: `done` is not called any more
 */
export function openTunnel(options: TunnelOptions, done: TunnelDone): () => void {
  const { proxy, host, port } = options;
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  let isDone = false;
  const finish: TunnelDone = (error, socket) => {
    if (isDone) return;
    isDone = true;
    done(error, socket);
  };
  const request = httpRequest({
    method: 'CONNECT',
    path: authority,
    headers: {
      Host: authority,
      ...(proxy.authorization !== undefined && { 'Proxy-Authorization': proxy.authorization }),
    },
    // A default agent could be a replacement for Node's, with proxies of its own.
    createConnection: () => dial(options),
  });
  request.on('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
    if (isDone) {
      socket.destroy();
    } else if (statusCode < 200 || statusCode > 299) {
      socket.destroy();
      const why = `refused the connection: HTTP ${statusCode}${HINTS[statusCode] ?? ''}`;
      finish(failure(proxy, why, { status: statusCode }));
    } else {
      if (head.length > 0) socket.unshift(head);
      finish(undefined, socket);
    }
  });
  request.on('error', (error) => {
    // Drops what libraries attach to their errors: the parser's error has the bytes that the proxy sent.
    const cause = safeCause(error, []);
    finish(failure(proxy, `failed: ${cause.message}`, { cause }));
  });
  request.end();
  return () => {
    isDone = true;
    request.destroy();
  };
}

function dial({ proxy, network }: TunnelOptions): Socket {
  const { family, localAddress, tls } = network;
  const { host, port } = proxy;
  const address = {
    ...{ host, port },
    ...(family !== undefined && { family }),
    ...(localAddress !== undefined && { localAddress }),
  };
  if (!proxy.isSecure) return netConnect(address);
  return tlsConnect({ ...sharedTls(tls), ...address, servername: isIP(host) === 0 ? host : '' });
}

/** Leaves out what is meant for the server alone, not for its proxy. */
function sharedTls(tls: TlsOptions = {}): object {
  const { servername: _, cert: _cert, key: _key, pfx: _pfx, passphrase: _passphrase, ...shared } = tls;
  return shared;
}

function failure(proxy: Proxy, why: string, fields: { status?: number; cause?: Error }): KiteError {
  return new KiteError('KITE_CONNECTION_PROXY_FAILED', `the proxy ${proxy.origin} ${why}`, fields);
}
