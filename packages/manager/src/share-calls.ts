import type { AccessToken } from '@kite/connection';

/** The same token, asked for once at a time: connections that ask while a call is pending get its answer. */
export function shareCalls(accessToken: AccessToken): AccessToken {
  if (typeof accessToken === 'string') return accessToken;
  let pending: Promise<string> | undefined;
  return () => {
    if (pending) return pending;
    // A promise around the call, so that a provider that throws at once is a rejection like any other.
    const answer = new Promise<string>((resolve) => {
      resolve(accessToken());
    });
    pending = answer;
    const forget = (): void => {
      pending = undefined;
    };
    answer.then(forget, forget);
    return answer;
  };
}
