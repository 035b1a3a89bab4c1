import type { Accounts } from './accounts/accounts.js';
import type { ResolvedMultiApiConfig } from './options.js';
import { namesOf, notSubscribed, type SubscribersHost } from './parts.js';
import type { Reading } from './reading.js';

/** All accounts, as the feed of subscribers. */
export function subscribersHost(
  { resolved }: ResolvedMultiApiConfig,
  accounts: Accounts,
  reading: Reading,
): SubscribersHost {
  return {
    config: resolved,
    instruments: resolved.instruments,
    code: 'KITE_MULTI_API_INVALID_OPTION',
    modes: () => accounts.modes,
    after: (act) => {
      reading.after(act);
    },
    change: (assign, release) => {
      accounts.share(assign, release);
      reading.forget(release);
    },
    defaultModeOf: (token) => accounts.modeOf(token) ?? resolved.defaultMode,
    notSubscribed: (tokens) =>
      notSubscribed('KITE_MULTI_API_NOT_SUBSCRIBED', tokens, namesOf(resolved.instruments)),
    attach: (consumer) => reading.channels.attach(consumer),
    isStreamed: (token) => accounts.symbols.has(token),
    failure: () => reading.end.failure,
    isHeldBy: (source, token) => accounts.roster.isHeldBy(source, token),
    known: (token) => reading.channels.known(token),
    lost: (...what) => {
      reading.channels.countDropped(...what);
    },
    onFirstRead: () => {
      reading.read();
    },
    listenerFailed: (cause, type) => {
      reading.listenerFailures.failed(cause, type);
    },
  };
}
