import { describe, expect, test } from 'vitest';
import { KiteError } from '@kite/connection';
import { VirtualClock } from '@kite/testkit';

import { Account, type AccountMember } from '../../src/socket/account.js';

/** A connection of the account: what it has reserved, and what it was told. */
class Member implements AccountMember {
  readonly reserved: string[] = [];
  told = 0;
  mayReserve = true;

  reserve(apiKey: string): () => void {
    if (!this.mayReserve) throw new KiteError('KITE_CONNECTION_LIMIT_REACHED', 'no slot');
    this.reserved.push(apiKey);
    return () => void this.reserved.pop();
  }

  tell(): void {
    this.told++;
  }
}

function bench() {
  const account = new Account({
    ...{ apiKey: 'key', accessToken: 'token', clock: new VirtualClock(), connectionTimeoutMs: 1000 },
  });
  const members = [new Member(), new Member(), new Member()];
  for (const member of members) account.join(member);
  return { account, members };
}

const lost = (closeCode: number): KiteError => new KiteError('KITE_CONNECTION_LOST', 'lost', { closeCode });

describe('the credentials of an account', () => {
  test('are replaced for all of its connections, once all have a slot', () => {
    const { account, members } = bench();
    account.update('other', 'fresh');
    expect(account.credentials).toEqual({ revision: 2, apiKey: 'other', accessToken: 'fresh' });
    expect(members.map(({ reserved, told }) => [...reserved, told])).toEqual(Array(3).fill(['other', 1]));
  });

  test('stay as they are for all of them where one has no slot, and nobody is told', () => {
    const { account, members } = bench();
    const before = account.credentials;
    members[2]!.mayReserve = false;
    expect(() => {
      account.update('other', 'fresh');
    }).toThrow(expect.objectContaining({ code: 'KITE_CONNECTION_LIMIT_REACHED' }));
    expect(account.credentials).toBe(before);
    expect(members.map(({ reserved, told }) => [reserved, told])).toEqual(Array(3).fill([[], 0]));
  });

  test('have another revision when they are wanted once more', () => {
    const { account } = bench();
    account.renew();
    expect(account.credentials).toEqual({ revision: 2, apiKey: 'key', accessToken: 'token' });
  });
});

describe('an account', () => {
  test('has opened with its URL and its credentials as soon as one connection has, and tells the others once', () => {
    const { account, members } = bench();
    account.opened(members[0]!, 1);
    account.opened(members[1]!, 1);
    expect(account.experience).toMatchObject({ hasOpened: true, credentialsOpened: true });
    expect(members.map(({ told }) => told)).toEqual([1, 1, 1]);
  });

  test('has not opened with other credentials, no matter who opened with those before, and has with the same ones once more', () => {
    const { account, members } = bench();
    account.opened(members[0]!, 1);
    account.update(undefined, 'fresh');
    account.opened(members[1]!, 1);
    expect(account.experience).toMatchObject({ hasOpened: true, credentialsOpened: false });
    account.opened(members[1]!, 2);
    expect(account.experience.credentialsOpened).toBe(true);
    account.renew();
    account.update('key', 'fresh');
    expect(account.experience.credentialsOpened).toBe(true);
  });

  test('may have a ghost from an unclean loss until that connection is open again', () => {
    const { account, members } = bench();
    account.lost(members[0]!, lost(1006));
    account.lost(members[1]!, new KiteError('KITE_CONNECTION_SILENT', 'silent'));
    expect(account.experience.mayHaveGhost).toBe(true);
    account.opened(members[0]!, 1);
    expect(account.experience.mayHaveGhost).toBe(true);
    account.opened(members[1]!, 1);
    expect(account.experience.mayHaveGhost).toBe(false);
  });

  test('has none from a connection that the server has closed', () => {
    const { account, members } = bench();
    account.lost(members[0]!, lost(1001));
    expect(account.experience.mayHaveGhost).toBe(false);
  });
});
