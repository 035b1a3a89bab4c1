import assert from 'node:assert/strict';
import {
  isKiteError,
  modeRequests,
  parseInstrumentTokens,
  subscribeRequests,
  unsubscribeRequests,
} from '@kite/protocol';
import type { FuzzTarget } from '@kite/testkit';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const CODES = ['KITE_PROTOCOL_INVALID_TOKEN', 'KITE_PROTOCOL_UNKNOWN_INSTRUMENT'];

/** Lists of tokens and names, as a program takes them from its own configuration: tokens, or the documented errors. */
export const target: FuzzTarget = {
  seeds: [[408065, 738561], ['NSE:INFY', 256265], '408065', { length: 1 }, [0], [4294967295], [[1]]].map(
    encode,
  ),
  words: ['"NSE:INFY"', '"NSE:', '4294967296', '-1', '1e9', '0.5', 'null', '[]', '{}'],
  run(input) {
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder().decode(input));
    } catch {
      return;
    }
    const instruments = { tokenOf: (name: string) => (name === 'NSE:INFY' ? 408065 : undefined) };
    for (const names of [undefined, instruments]) {
      const tokens = attempt(value as number[], names);
      if (!tokens) continue;
      assert.equal(new Set(tokens).size, tokens.length);
      for (const token of tokens) assert.ok(Number.isInteger(token) && token >= 1 && token <= 0xffff_ffff);
      for (const requests of [
        subscribeRequests(tokens),
        unsubscribeRequests(tokens),
        modeRequests('full', tokens),
      ])
        for (const request of requests) JSON.parse(request);
    }
  },
};

function attempt(value: number[], instruments?: { tokenOf(name: string): number | undefined }) {
  try {
    return parseInstrumentTokens(value, 'tokens', instruments);
  } catch (error) {
    assert.ok(isKiteError(error) && CODES.includes(error.code), error as Error);
    return undefined;
  }
}
