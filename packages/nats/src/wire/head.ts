import { MAX_CONNECTION } from './limits.js';
import { bodyLengths } from './packet-lengths.js';

/** One field of the head: its offset, type and meaning. */
interface HeadField {
  readonly offset: number;
  readonly type: 'u8' | 'u32' | 'u64';
}

/**
 * The head in front of each packet on the bus, 24 bytes, big-endian like the packet behind it. In Python:
 * `struct.unpack('>BBBBIIIQ', message[:24])`.
 */
export const TICK_HEAD = {
  /** Bytes in front of the packet. */
  length: 24,
  /** The only version so far. */
  version: 1,
  flags: {
    /** The first packet of its instrument since the publisher or the instrument's connection began: perhaps an old value. */
    cached: 1,
    /** Sent again after the publisher lost its NATS server: the same packet may have arrived before. */
    replayed: 2,
  },
  fields: {
    version: { offset: 0, type: 'u8' },
    flags: { offset: 1, type: 'u8' },
    account: { offset: 2, type: 'u8' },
    connection: { offset: 3, type: 'u8' },
    epoch: { offset: 4, type: 'u32' },
    sequence: { offset: 8, type: 'u32' },
    previous: { offset: 12, type: 'u32' },
    receivedAt: { offset: 16, type: 'u64' },
  },
} as const satisfies {
  length: number;
  version: number;
  flags: Record<string, number>;
  fields: Record<string, HeadField>;
};

const { fields: AT, flags: FLAGS } = TICK_HEAD;
const HIGH_WORD = 0x1_0000_0000;

/** The contents of a head. */
export interface TickHead {
  /** The first packet of its instrument since the publisher or the connection began: perhaps an old value. */
  cached: boolean;
  /** Sent again by the publisher: it may have arrived before. */
  replayed: boolean;
  /** The account, as its place in the list of the publisher's reports, 0 to 255. */
  account: number;
  /** The number of the connection, 0 to 2. */
  connection: number;
  /** Drawn by the publisher at its start, 1 to 2³²−1: identifies the publisher and this life of it. */
  epoch: number;
  /** Counts the packets of this epoch and shard, from 1. */
  sequence: number;
  /** The sequence of the same instrument's previous packet; 0: this is its first in this epoch. */
  previous: number;
  /** When the frame reached the publisher's socket, Unix milliseconds. */
  receivedAt: number;
}

/** A decoded message: the head, and the packet as a view into the message. */
export interface TickMessage extends TickHead {
  /** The wire's own packet. It lies in the message's memory: `slice()` what is kept. */
  packet: Uint8Array;
}

/** Why something is not a tick message. */
export interface NotATickMessage {
  /** In words, for a report. */
  flaw: string;
}

/** Encodes a message, in memory of its own. The caller keeps the numbers in range. */
export function encodeTickMessage(head: TickHead, packet: Uint8Array): Uint8Array {
  const message = new Uint8Array(TICK_HEAD.length + packet.length);
  writeTickMessage(new DataView(message.buffer), message, 0, head, packet);
  return message;
}

/** Writes a message into memory that has room for it, from a place on. */
export function writeTickMessage(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  head: TickHead,
  packet: Uint8Array,
): void {
  bytes[at + AT.version.offset] = TICK_HEAD.version;
  bytes[at + AT.flags.offset] = (head.cached ? FLAGS.cached : 0) | (head.replayed ? FLAGS.replayed : 0);
  bytes[at + AT.account.offset] = head.account;
  bytes[at + AT.connection.offset] = head.connection;
  view.setUint32(at + AT.epoch.offset, head.epoch);
  view.setUint32(at + AT.sequence.offset, head.sequence);
  view.setUint32(at + AT.previous.offset, head.previous);
  view.setUint32(at + AT.receivedAt.offset, Math.floor(head.receivedAt / HIGH_WORD));
  view.setUint32(at + AT.receivedAt.offset + 4, Math.floor(head.receivedAt % HIGH_WORD));
  bytes.set(packet, at + TICK_HEAD.length);
}

/** Marks a message as sent again. */
export function markReplayed(message: Uint8Array): void {
  message[AT.flags.offset]! |= FLAGS.replayed;
}

/** Reads a message. Never throws; bytes that are no tick message come back with their flaw. */
export function decodeTickMessage(message: Uint8Array): TickMessage | NotATickMessage {
  const bodyLength = message.byteLength - TICK_HEAD.length;
  if (bodyLength > 0 && message[AT.version.offset] === TICK_HEAD.version && !bodyLengths.has(bodyLength))
    return { flaw: `its packet has ${bodyLength} bytes, a length that is not known` };
  return readHead(message);
}

/** Reads the head, and what follows it as `packet`, of any length from 1 on. */
export function readHead(message: Uint8Array): TickMessage | NotATickMessage {
  const { byteLength } = message;
  if (byteLength <= TICK_HEAD.length)
    return { flaw: `it has ${byteLength} bytes, fewer than head and packet` };
  const version = message[AT.version.offset]!;
  if (version !== TICK_HEAD.version)
    return { flaw: `its version is ${version}, and ${TICK_HEAD.version} is known` };
  const view = new DataView(message.buffer, message.byteOffset, byteLength);
  const flags = message[AT.flags.offset]!;
  const head: TickMessage = {
    cached: (flags & FLAGS.cached) !== 0,
    replayed: (flags & FLAGS.replayed) !== 0,
    account: message[AT.account.offset]!,
    connection: message[AT.connection.offset]!,
    epoch: view.getUint32(AT.epoch.offset),
    sequence: view.getUint32(AT.sequence.offset),
    previous: view.getUint32(AT.previous.offset),
    receivedAt: view.getUint32(AT.receivedAt.offset) * HIGH_WORD + view.getUint32(AT.receivedAt.offset + 4),
    packet: message.subarray(TICK_HEAD.length),
  };
  const flaw = flawOf(head);
  return flaw === undefined ? head : { flaw };
}

function flawOf({ connection, epoch, sequence, previous, receivedAt }: TickHead): string | undefined {
  if (connection > MAX_CONNECTION) return `its connection is ${connection}, above ${MAX_CONNECTION}`;
  if (epoch === 0) return 'its epoch is 0';
  if (sequence === 0) return 'its sequence is 0';
  if (previous >= sequence) return `its previous sequence ${previous} is not below its own, ${sequence}`;
  if (!Number.isSafeInteger(receivedAt)) return 'its time is no date';
  return undefined;
}
