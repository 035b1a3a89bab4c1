import type { AccessToken } from '@kite/connection';

/** The same token, asked for once at a time: connections that ask while a call is pending get its answer. */
export function shareCalls(accessToken: AccessToken): AccessToken {
  if (typeof accessToken === 'string') return accessToken;
  let pending: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    try {
      return await accessToken();
    } finally {
      pending = undefined;
    }
  };
  return () => (pending ??= ask());
}
