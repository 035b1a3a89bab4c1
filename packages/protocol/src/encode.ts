import { isIterable } from '@kite/kit';

import { KiteError, KiteInputError } from './error.js';
import { isBytes } from './frame-bytes.js';
import { DEPTH, FRAME, PACKETS, type WireField, type WireType } from './layout.js';
import { isMode } from './mode.js';
import { priceDivisor, type PriceDivisors } from './segment.js';
import type { Depth, Tick } from './tick.js';

/** How ticks are encoded. */
export interface EncodeOptions {
  /** Price divisors by segment, on top of the known ones: the same as for decoding. */
  divisors?: PriceDivisors | undefined;
}

/**
 * Encoded bytes: a `Uint8Array<ArrayBuffer>`, which a browser's `WebSocket.send` accepts. Written as the return type of
 * `Uint8Array.of`, because `Uint8Array` takes no type argument before TypeScript 5.7.
 */
type EncodedBytes = ReturnType<Uint8ArrayConstructor['of']>;

/**
 * One binary WebSocket message from ticks: the exact inverse of `decodeFrame`. A `Uint8Array` among them is taken as a
 * ready packet body, so that relays can pass on undecoded packets.
 *
 * Prices are rounded to the wire's unit. `netChange` is encoded only for indices, `changePercent` never: otherwise they
 * are derived.
 *
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_TICK` for a field that does not fit the wire
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR`
 * @throws KiteError `KITE_PROTOCOL_FRAME_TOO_LARGE` for more than 65535 packets, or a body of more than 65535 bytes
 */
export function encodeFrame(packets: Iterable<Tick | Uint8Array>, options?: EncodeOptions): EncodedBytes {
  if (!isIterable(packets))
    throw invalid('packets', packets, 'an array or another iterable of ticks and packet bodies');
  const bodies: Uint8Array[] = [];
  let length = FRAME.countLength;
  for (const packet of packets) {
    const body = isBytes(packet) ? packet : encodePacket(packet, options);
    if (body.length > FRAME.maxPacketLength) throw tooLarge(`a packet of ${body.length} bytes`);
    bodies.push(body);
    length += FRAME.lengthLength + body.length;
  }
  if (bodies.length > FRAME.maxPackets) throw tooLarge(`${bodies.length} packets`);

  const frame = new Uint8Array(length);
  const view = new DataView(frame.buffer);
  view.setUint16(0, bodies.length);
  let at = FRAME.countLength;
  for (const body of bodies) {
    view.setUint16(at, body.length);
    frame.set(body, at + FRAME.lengthLength);
    at += FRAME.lengthLength + body.length;
  }
  return frame;
}

/**
 * One packet body, without its length prefix: 8, 28, 32, 44 or 184 bytes by the tick's `mode` and `tradable`.
 *
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_TICK` for a field that does not fit the wire
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR`
 */
export function encodePacket(tick: Tick, options?: EncodeOptions): EncodedBytes {
  const { length, fields } = PACKETS[packetKind(tick)];
  const body = new Uint8Array(length);
  const view = new DataView(body.buffer);
  const divisor = priceDivisor(tick.instrumentToken, options?.divisors);
  const values = wireValues(tick);
  for (const [name, field] of Object.entries<WireField>(fields))
    writeField(view, 0, field, TICK_NAMES[name] ?? name, values[name], divisor);
  if (tick.mode === 'full' && tick.tradable) {
    const depth = tick.depth as Partial<Depth> | undefined;
    writeDepth(view, DEPTH.buyOffset, 'depth.buy', depth?.buy, divisor);
    writeDepth(view, DEPTH.sellOffset, 'depth.sell', depth?.sell, divisor);
  }
  return body;
}

function packetKind(tick: unknown): keyof typeof PACKETS {
  if (typeof tick !== 'object' || tick === null || ArrayBuffer.isView(tick))
    throw invalid('tick', tick, 'a tick');
  const { mode, tradable } = tick as Record<string, unknown>;
  if (!isMode(mode)) throw invalid('mode', mode, "'ltp', 'quote' or 'full'");
  if (mode === 'ltp') return 'ltp';
  if (typeof tradable !== 'boolean') throw invalid('tradable', tradable, 'true or false');
  if (mode === 'quote') return tradable ? 'quote' : 'indexQuote';
  return tradable ? 'full' : 'indexFull';
}

/** Names in errors for fields that a tick and the layout table name differently. */
const TICK_NAMES: Readonly<Record<string, string>> = {
  open: 'ohlc.open',
  high: 'ohlc.high',
  low: 'ohlc.low',
  close: 'ohlc.close',
  priceChange: 'netChange',
};

/** The tick's fields under the layout table's names. */
function wireValues(tick: Tick): Record<string, unknown> {
  if (tick.mode === 'ltp') return { ...tick };
  return tick.tradable ? { ...tick, ...tick.ohlc } : { ...tick, ...tick.ohlc, priceChange: tick.netChange };
}

function writeDepth(view: DataView, at: number, name: string, levels: unknown, divisor: number): void {
  if (!Array.isArray(levels) || levels.length !== DEPTH.levels)
    throw invalid(name, levels, `an array of ${DEPTH.levels} levels`);
  for (const [index, level] of (levels as unknown[]).entries()) {
    for (const [key, field] of Object.entries<WireField>(DEPTH.fields)) {
      const value = (level as Record<string, unknown> | undefined)?.[key];
      writeField(view, at + index * DEPTH.levelLength, field, `${name}[${index}].${key}`, value, divisor);
    }
  }
}

function writeField(
  view: DataView,
  base: number,
  field: WireField,
  name: string,
  value: unknown,
  divisor: number,
): void {
  const at = base + field.offset;
  const wire = toWire(field.type, value, divisor);
  const { min, max, what } = RANGES[field.type];
  if (!Number.isInteger(wire) || wire < min || wire > max) throw invalid(name, value, what);
  if (field.type === 'price') view.setInt32(at, wire);
  else if (field.type === 'u16') view.setUint16(at, wire);
  else view.setUint32(at, wire);
}

function toWire(type: WireType, value: unknown, divisor: number): number {
  if (type === 'seconds' && value === null) return 0;
  if (typeof value !== 'number') return Number.NaN;
  // Decoding is off by far less than half a unit, so rounding restores the integer.
  if (type === 'price') return Math.round(value * divisor);
  return type === 'seconds' ? value / 1000 : value;
}

const RANGES: Record<WireType, { min: number; max: number; what: string }> = {
  u16: { min: 0, max: 0xffff, what: 'an integer from 0 to 65535' },
  u32: { min: 0, max: 0xffff_ffff, what: 'an integer from 0 to 4294967295' },
  price: {
    min: -0x8000_0000,
    max: 0x7fff_ffff,
    what: 'a price that fits a signed 32-bit integer once scaled by the divisor',
  },
  seconds: { min: 0, max: 0xffff_ffff, what: 'whole seconds in Unix milliseconds, or null' },
};

function invalid(field: string, value: unknown, allowed: string): KiteInputError {
  return new KiteInputError('KITE_PROTOCOL_INVALID_TICK', { field, value, allowed });
}

function tooLarge(what: string): KiteError {
  return new KiteError(
    'KITE_PROTOCOL_FRAME_TOO_LARGE',
    `a frame cannot hold ${what}: counts and lengths are u16 on the wire`,
  );
}
