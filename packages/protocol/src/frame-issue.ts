import type { Segment } from './segment.js';

interface IssueBase {
  /** The place in the frame, in bytes: the start of the packet's length prefix, or the first surplus byte. */
  offset: number;
}

/** The frame ends inside a packet, or before all the packets it announces. Whole packets before the cut are kept. */
interface TruncatedIssue extends IssueBase {
  kind: 'truncated';
  /** The packet at which the frame ends, counted from 0. */
  packetIndex: number;
  /** The number of packets that the frame announces. */
  packetCount: number;
  /** Bytes that this packet needs, including its length prefix, as far as known. */
  needed: number;
  /** Bytes left for it. */
  available: number;
}

/** A packet of unknown length. It is skipped; its neighbours are kept. */
interface UnknownLengthIssue extends IssueBase {
  kind: 'unknown-length';
  /** Which packet of the frame, counted from 0. */
  packetIndex: number;
  /** Bytes of its body, without the length prefix. */
  length: number;
  /** The first four bytes of the body, which hold the token in every known packet; null when it is shorter. */
  instrumentToken: number | null;
}

/** A packet of a segment without a known divisor. It is decoded, with prices divided by 100. */
interface UnknownSegmentIssue extends IssueBase {
  kind: 'unknown-segment';
  /** Which packet of the frame, counted from 0. */
  packetIndex: number;
  /** The packet's token. */
  instrumentToken: number;
  /** The low byte of the token. */
  segment: Segment;
}

/** Bytes after the last announced packet. They are ignored. */
interface TrailingBytesIssue extends IssueBase {
  kind: 'trailing-bytes';
  /** How many bytes. */
  length: number;
}

/** What is wrong with a binary frame. Reported, never thrown. */
export type FrameIssue = TruncatedIssue | UnknownLengthIssue | UnknownSegmentIssue | TrailingBytesIssue;
