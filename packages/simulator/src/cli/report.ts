import type { SimulatedConnection } from '../connection.js';
import type { ClientRequest } from '../server/client-request.js';
import type { Simulator } from '../simulator.js';

/** What the command prints: lines for people, or one JSON object per line for programs. */
export function reportOn(simulator: Simulator, json: boolean, print: (line: string) => void): void {
  const say = (event: string, data: object, line: string) =>
    print(json ? JSON.stringify({ event, ...data }) : line);

  const { url, instruments } = simulator;
  const some = instruments
    .slice(0, 8)
    .map(({ instrumentToken, tradingsymbol }) => `${instrumentToken} ${tradingsymbol}`);
  const more = instruments.length > some.length ? ', …' : '';
  say(
    'listening',
    { url, instruments: instruments.length },
    `Kite simulator on ${url}\n${counted(instruments.length, 'instrument')}: ${some.join(', ')}${more}`,
  );

  simulator.on('open', ({ connection }) => {
    const { id, apiKey, userId } = connection;
    say('open', { id, apiKey, userId }, `+ ${nameOf(connection)} open: key ${apiKey}, user ${userId}`);
  });
  simulator.on('close', ({ connection }) => {
    const { ticksSent, bytesSent } = connection.counters;
    const sent = `${counted(ticksSent, 'tick')} in ${counted(bytesSent, 'byte')} sent`;
    say('close', connection.toJSON(), `- ${nameOf(connection)} closed: ${sent}`);
  });
  simulator.on('handshake', (handshake) => {
    if (handshake.status === 101) return;
    const { status, apiKey } = handshake;
    say('refused', handshake, `x handshake refused with ${status}: key ${apiKey ?? 'missing'}`);
  });
  simulator.on('request', ({ connection, request }) => {
    say('request', { id: connection.id, request }, `  ${nameOf(connection)} ${describeRequest(request)}`);
  });
  simulator.on('replayed', (summary) => {
    const { frames, texts, gaps, error } = summary;
    const why = error instanceof Error ? error.message : undefined;
    const ending = why === undefined ? '' : `, and then: ${why}`;
    say(
      'replayed',
      { ...summary, error: why },
      `  replayed ${counted(frames, 'frame')}, ${counted(texts, 'text')}, ${counted(gaps, 'gap')}${ending}`,
    );
  });
}

/** `1 tick`, `2 ticks`. */
function counted(value: number, noun: string): string {
  return `${value} ${noun}${value === 1 ? '' : 's'}`;
}

function nameOf({ id }: SimulatedConnection): string {
  return `connection ${id}`;
}

function describeRequest(request: ClientRequest): string {
  switch (request.action) {
    case 'subscribe':
    case 'unsubscribe':
      return `${request.action} ${request.tokens.length}`;
    case 'mode':
      return `mode ${request.mode} for ${request.tokens.length}`;
    case 'invalid':
      return `sent what cannot be read: ${request.text.slice(0, 60)}`;
  }
}
