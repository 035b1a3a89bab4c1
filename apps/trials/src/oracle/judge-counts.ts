import type { ConnectionCounts } from '../client/client.js';

/** The facts that the statistics of all connections are judged by. */
export interface Happened {
  /** All data over all sockets, heartbeats included. */
  readonly messages: number;
  readonly packets: number;
  /** Whether all of it was counted: nothing closed meanwhile, and no thread is in between. */
  readonly isAll: boolean;
  /** Dropped ticks reported to all consumers; undefined if the same loss is reported to several. */
  readonly toldDropped: number | undefined;
  /** Gaps of whole connections reported to a consumer without losses; undefined if copies cover for each other. */
  readonly toldGaps: number | undefined;
}

/** How the statistics differ from what happened, in words. */
export function differencesOf(counts: readonly ConnectionCounts[], happened: Happened): string[] {
  const total = (figure: keyof ConnectionCounts): number => counts.reduce((sum, one) => sum + one[figure], 0);
  const differences: string[] = [];
  for (const [figure, came] of [
    ['messagesReceived', happened.messages],
    ['ticksReceived', happened.packets],
  ] as const)
    if (total(figure) > came || (happened.isAll && total(figure) < came))
      differences.push(`${figure} is ${total(figure)}, and ${came} have come`);
  if (total('droppedTicks') < (happened.toldDropped ?? 0))
    differences.push(
      `droppedTicks is ${total('droppedTicks')}, and ${happened.toldDropped} are told as dropped`,
    );
  if (happened.toldGaps !== undefined && total('reconnects') !== happened.toldGaps)
    differences.push(
      `reconnects is ${total('reconnects')}, and ${happened.toldGaps} gaps of connections are told`,
    );
  return differences;
}
