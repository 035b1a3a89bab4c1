import type { ErrorCodeEntry } from '@kite/kit';

/** Every error code of this package. */
export const PROTOCOL_ERRORS = {
  KITE_PROTOCOL_INVALID_TOKEN: {
    cause:
      'An instrument token is not an integer from 1 to 4294967295: a string, a fraction, a nested array.',
    cure: 'Pass the numeric instrument_token of the instruments list. The server accepts strings silently and then sends nothing.',
  },
  KITE_PROTOCOL_UNKNOWN_INSTRUMENT: {
    cause: 'The list in the option instruments has no instrument of this name.',
    cure: 'Write the exchange and the symbol in capitals, as NSE:INFY; search() of @kite/instruments finds it. Expired contracts are not in the list.',
  },
  KITE_PROTOCOL_INVALID_MODE: {
    cause: 'A mode is not one of ltp, quote and full.',
    cure: 'Use Mode.LTP, Mode.Quote or Mode.Full.',
  },
  KITE_PROTOCOL_INVALID_FRAME: {
    cause: 'The decoder was not given a byte array, but a text message, or an ArrayBuffer without a view.',
    cure: 'Pass a Uint8Array or a Buffer; in a browser new Uint8Array(event.data) with binaryType arraybuffer. Text goes to parseTextMessage.',
  },
  KITE_PROTOCOL_INVALID_DIVISOR: {
    cause: 'A price divisor is not a positive finite number, or its key is not a segment from 0 to 255.',
    cure: 'Pass divisors as { [segment]: divisor }, for example { 3: 10000000 }.',
  },
  KITE_PROTOCOL_INVALID_TICK: {
    cause: 'A field of the tick does not fit into its place on the wire.',
    cure: 'Check the named field: quantities are u32, prices i32 after scaling, orders u16, timestamps whole seconds in Unix ms.',
  },
  KITE_PROTOCOL_FRAME_TOO_LARGE: {
    cause: 'More than 65535 packets, or a packet of more than 65535 bytes, for one frame.',
    cure: 'Split the packets over several frames.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

/** Every error code by name. Each `@kite/*` package adds its own to this interface. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- an interface, so that it can be added to
export interface KiteErrorCodes extends Record<keyof typeof PROTOCOL_ERRORS, unknown> {}

/** A code of an error: `KITE_<AREA>_<REASON>`. */
export type KiteErrorCode = keyof KiteErrorCodes;
