import { channel } from 'node:diagnostics_channel';

import type { ChannelId } from './channel-id.js';

/** What happens inside, for tracing tools. Costs nothing while nothing subscribes. */
const CHANNELS = {
  open: channel('kite:connection:open'),
  close: channel('kite:connection:close'),
  reconnect: channel('kite:connection:reconnect'),
  lag: channel('kite:connection:lag'),
};

/** What is published on each diagnostics channel. */
export interface DiagnosticEvents {
  /** `kite:connection:open` */
  open: { channelId: ChannelId };
  /** `kite:connection:close`: an open connection ended, for whatever reason. */
  close: { channelId: ChannelId; reason: string };
  /** `kite:connection:reconnect`: open again after a loss. */
  reconnect: { channelId: ChannelId; from: number; to: number; reason: string };
  /** `kite:connection:lag`: a consumer has begun to lose data; again only after it has caught up. */
  lag: { channelId: ChannelId; dropped: number };
}

export function publish<Name extends keyof DiagnosticEvents>(
  name: Name,
  event: () => DiagnosticEvents[Name],
): void {
  if (CHANNELS[name].hasSubscribers) CHANNELS[name].publish(event());
}
