import type { Simulator } from '@kite/simulator';

/**
 * Calls back with the name that a socket gives in its handshake, and the number of the connection that opened with it. A
 * client that has left meanwhile opens none, though the answer was 101.
 */
export function onAccepted(
  simulator: Pick<Simulator, 'on'>,
  accepted: (socket: string, connectionId: number) => void,
): void {
  let opened: number | undefined;
  simulator.on('open', ({ connection }) => (opened = connection.id));
  simulator.on('handshake', ({ userAgent }) => {
    if (opened !== undefined && userAgent !== undefined) accepted(userAgent, opened);
    opened = undefined;
  });
}
