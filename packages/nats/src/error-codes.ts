import type { ErrorCodeEntry } from '@kite/kit';

/** Every error code of this package. */
export const NATS_ERRORS = {
  KITE_NATS_INVALID_OPTION: {
    cause: 'An option is unknown, missing, or its value is not allowed.',
    cure: 'Correct the option that the message names; it says what is allowed.',
  },
  KITE_NATS_UNREACHABLE: {
    cause: 'No NATS server answered at the given addresses, or it refused the credentials.',
    cure: 'Start one with `nats-server -js`, check the addresses and the credentials; the cause says what the client saw.',
  },
  KITE_NATS_SERVER_TOO_OLD: {
    cause: 'The NATS server is older than 2.11, and cannot read many last values at once.',
    cure: 'Update the server.',
  },
  KITE_NATS_NO_JETSTREAM: {
    cause: 'The NATS server does not offer JetStream, or not to this account.',
    cure: 'Start the server with `-js`, or enable JetStream for the account.',
  },
  KITE_NATS_STREAM_MISMATCH: {
    cause: 'A stream of this name exists, but one of its settings differs from what is needed.',
    cure: 'Change or delete the stream that the message names, or use another prefix; nothing was changed.',
  },
  KITE_NATS_STREAM_FAILED: {
    cause:
      'The server refused to show, create or read a stream: a limit of the account, a missing permission.',
    cure: 'Read the cause, which is the server’s own answer.',
  },
  KITE_NATS_CONNECTION_LOST: {
    cause:
      'The connection to the NATS server was lost. It keeps reconnecting; meanwhile the newest packet of each instrument is kept, and the rest is counted.',
    cure: 'Nothing at first. If it lasts, check the server and the network.',
  },
  KITE_NATS_SLOW: {
    cause:
      'The NATS server takes packets more slowly than they come. The newest packet of each instrument is kept, and the rest is counted.',
    cure: 'Give the server or the network more room, or publish fewer instruments.',
  },
  KITE_NATS_CLOSED: {
    cause: 'The NATS connection was closed for good, by its owner or because the server refuses it.',
    cure: 'Open a new one, and publish or subscribe again.',
  },
  KITE_NATS_ORDERS_LOST: {
    cause:
      'Orders could not be stored: the oldest waiting ones were dropped, or the publisher was closed first.',
    cure: 'Read the orders from Kite’s REST API, and find out why the order stream accepts none.',
  },
  KITE_NATS_NOT_ALLOWED: {
    cause: 'The NATS server does not let this user publish to, or read, a subject.',
    cure: 'Give the user the permissions of its role, which the README of @kite/nats lists.',
  },
  KITE_NATS_NOT_A_MESSAGE: {
    cause:
      'A message on a subject of the feed has an unknown format: another program publishes there, or a newer version of this one.',
    cure: 'Let only collectors publish under the prefix, and update the reader if it is older than the publisher.',
  },
  KITE_NATS_NOT_SUBSCRIBED: {
    cause: 'The call changeMode() named instruments that the bus feed is not subscribed to.',
    cure: 'Subscribe to them first; the error’s tokens list the missing ones.',
  },
  KITE_NATS_DEMAND_REFUSED: {
    cause:
      'The collector could not subscribe to what this program wants, for a reason that has no code. Or one message of the server cannot hold the demand: the default `max_payload` of 1 MiB is enough for about 100 000 instruments.',
    cure: 'The message says which of the two. Look at the collector, or raise `max_payload`.',
  },
  KITE_NATS_PUBLISHER_LOST: {
    cause:
      'A publisher was silent for 3 s, or has said goodbye: it was stopped, or it cannot reach the NATS server.',
    cure: 'Start it again. Readers then continue by themselves; what was missed is in a gap.',
  },
  KITE_NATS_FRAME_TOO_LARGE: {
    cause:
      'A whole frame has more bytes than the NATS server accepts (`max_payload`, 1 MiB by default), and was not published. Its packets were.',
    cure: 'Raise `max_payload` of the server, or leave the option `frames` off.',
  },
  KITE_NATS_CANNOT_ENCODE: {
    cause: 'A tick of the feed does not fit into a Kite packet, and was not published.',
    cure: 'Do not change the feed’s ticks. A feed of many accounts with its own divisors cannot be published.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

declare module '@kite/protocol' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- an interface, so that it can be added to
  interface KiteErrorCodes extends Record<keyof typeof NATS_ERRORS, unknown> {}
}
