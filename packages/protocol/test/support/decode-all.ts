import type * as Kite from '@kite/protocol';

/**
 * What the package makes of these frames, as JSON: ticks, issues, the bytes written back. Called in Node, and by its
 * source text in other runtimes; so it refers to nothing but its arguments.
 */
export function decodeAll(kite: typeof Kite, frames: number[][]): string {
  const issues: Kite.FrameIssue[] = [];
  const decoder = new kite.FrameDecoder();
  const results = frames.map((bytes) => {
    const frame = new Uint8Array(bytes);
    const ticks = kite.decodeFrame(frame, { onIssue: (issue) => issues.push(issue) });
    return { ticks, kept: decoder.decode(frame), written: Array.from(kite.encodeFrame(ticks)) };
  });
  let refused: unknown;
  try {
    kite.subscribeRequests([0]);
  } catch (error) {
    refused = kite.isKiteError(error, 'KITE_PROTOCOL_INVALID_TOKEN') ? error : 'not a KiteError';
  }
  const text = kite.parseTextMessage('{"type":"error","data":"Error parsing instrument tokens."}');
  return JSON.stringify({ results, issues, refused, text, requests: kite.modeRequests('full', [408065]) });
}
