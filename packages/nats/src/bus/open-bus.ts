import { connect, type NatsConnection } from '@nats-io/transport-node';
import { optionRules, redacted, safeCause, textOf, withMethods } from '@kite/kit';
import { KiteError, KiteInputError } from '@kite/protocol';

import type { Bus } from './bus.js';
import { NatsBus } from './nats-bus.js';

/** An open connection of `@nats-io/transport-node`, as `connect()` returns it. Only its owner closes it. */
export interface OpenNats {
  /** Sends a message. */
  publish(subject: string, payload?: Uint8Array): void;
  /** Resolves when the server has everything sent before. */
  flush(): Promise<void>;
  /** Ends it; only its owner calls this. */
  close(): Promise<void>;
  /** Whether it has ended. */
  isClosed(): boolean;
}

/** How the NATS server is reached: one of the two. */
export interface BusOptions {
  /** `host:port` or `nats://user:password@host:port`; for anything else open a connection and pass it as `nats`. */
  servers?: string | readonly string[] | undefined;
  /** An open connection of `@nats-io/transport-node`, with your TLS, nkeys or creds file. It stays open after `close()`. */
  nats?: OpenNats | undefined;
}

const CODE = 'KITE_NATS_INVALID_OPTION';

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

/** The rules of {@link BusOptions}. */
export const BUS_RULES = {
  servers: {
    allowed: 'an address, or a non-empty array of addresses',
    accepts: (value: unknown) =>
      isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText)),
    secret: true,
  },
  nats: withMethods('publish', 'subscribe', 'request', 'flush', 'status', 'closed', 'isClosed', 'close'),
  stream: optionRules.object,
};

/**
 * Opens a connection to the server, or takes the given one.
 *
 * @param name the connection's name in the server's monitoring
 * @throws KiteError `KITE_NATS_INVALID_OPTION`, `KITE_NATS_UNREACHABLE`, `KITE_NATS_CLOSED` or `KITE_NATS_SERVER_TOO_OLD`
 */
export async function openBus({ servers, nats }: BusOptions, name: string): Promise<Bus> {
  if ((servers === undefined) === (nats === undefined)) {
    const value = nats === undefined ? undefined : '(both)';
    throw new KiteInputError(CODE, { field: 'servers', value, allowed: 'servers or nats, one of the two' });
  }
  const connection = nats ? (nats as NatsConnection) : await dial([servers!].flat(), name);
  try {
    if (connection.isClosed()) throw new KiteError('KITE_NATS_CLOSED', 'the NATS connection is closed');
    assertNewEnough(connection.info?.version ?? '0');
  } catch (error) {
    if (!nats) await connection.close();
    throw error;
  }
  return new NatsBus(connection, !nats);
}

async function dial(servers: readonly string[], name: string): Promise<NatsConnection> {
  const plain = servers.map((server) => parsed(server));
  const [user] = plain.filter(({ user }) => user !== undefined);
  try {
    return await connect({
      servers: plain.map(({ address }) => address),
      ...(user && { user: user.user!, pass: user.password! }),
      name,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 500,
      timeout: 5000,
      // Detects a hung server within a minute.
      pingInterval: 20_000,
    });
  } catch (error) {
    const secrets = plain.flatMap(({ password }) => password ?? []);
    const what = redacted(textOf(error), secrets);
    throw new KiteError('KITE_NATS_UNREACHABLE', `no NATS server could be reached: ${what}`, {
      cause: safeCause(error, secrets),
    });
  }
}

/** Splits off the credentials: the client accepts none in an address. */
function parsed(server: string): { address: string; user?: string; password?: string } {
  const match = /^(\w+:\/\/)?([^@/]*)@(.+)$/u.exec(server);
  if (!match) return { address: server };
  const [user = '', password = ''] = match[2]!.split(/:(.*)/su).map(decoded);
  return { address: `${match[1] ?? ''}${match[3]!}`, user, password };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function assertNewEnough(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 2 || (major === 2 && minor >= 11)) return;
  throw new KiteError(
    'KITE_NATS_SERVER_TOO_OLD',
    `the NATS server has version ${version}; needed: 2.11 or newer`,
  );
}
