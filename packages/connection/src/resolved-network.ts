import type { ResolvedConnectionConfig } from './options.js';
import { processEnvironment } from './socket/environment.js';
import { networkOf, type NetworkOptions } from './socket/network.js';
import { environmentProxy, FROM_ENVIRONMENT } from './socket/proxy.js';

/** The network options, with `'env'` replaced by the proxy that the environment names now. */
export function resolvedNetwork(config: ResolvedConnectionConfig): NetworkOptions {
  const { proxy, ...others } = networkOf(config) ?? {};
  const named =
    proxy === FROM_ENVIRONMENT ? environmentProxy(new URL(config.url), processEnvironment()) : proxy;
  return { ...others, ...(named !== undefined && { proxy: named }) };
}
