import type { Fleet } from './fleet.js';
import type { ManagerInside, WarningSink } from './seam.js';

/** A manager from the inside, for the packages above. */
export function insideOf(
  fleet: Fleet,
  ending: () => () => void,
  warnThrough: (warnings: WarningSink) => void,
): ManagerInside {
  const { connections, symbols } = fleet;
  const hubs = connections.map(({ hub }) => hub);
  return {
    attach(consumer) {
      for (const hub of hubs) hub.attach(consumer, hubs);
      return () => {
        for (const hub of hubs) hub.detach(consumer);
      };
    },
    homeOf: (token) => symbols.homeOf(token),
    countDropped(channelId, weight, isFirst) {
      hubs[channelId]?.countDropped(weight, isFirst);
    },
    watch(watcher) {
      symbols.watch(watcher);
    },
    outagesOf: (tokens) => symbols.outagesOf(tokens),
    missed(outages) {
      symbols.missed(outages);
    },
    linger(tokens) {
      symbols.linger(tokens);
    },
    start: () => fleet.start({ keepTrying: true }, true),
    settle: (bringsTokens) => {
      fleet.settle(bringsTokens);
    },
    halt: () => fleet.halt(),
    ending,
    warnThrough,
  };
}
