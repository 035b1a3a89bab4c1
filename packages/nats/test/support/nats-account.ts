import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

const UNLIMITED = { subs: -1, data: -1, payload: -1 };
const OF_ACCOUNT = { ...UNLIMITED, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
const OF_JETSTREAM = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

function encoded(value: object | Uint8Array): string {
  const bytes = value instanceof Uint8Array ? value : new TextEncoder().encode(JSON.stringify(value));
  return Buffer.from(bytes).toString('base64url');
}

/** A JWT of NATS, as its server reads it: what `by` says of `of`. */
function signed(by: KeyPair, of: KeyPair, name: string, nats: object): string {
  const claims = { jti: name, iat: Math.floor(Date.now() / 1000), iss: by.getPublicKey(), name };
  const text = [
    encoded({ typ: 'JWT', alg: 'ed25519-nkey' }),
    encoded({ ...claims, sub: of.getPublicKey(), nats: { ...nats, version: 2 } }),
  ].join('.');
  return `${text}.${encoded(by.sign(new TextEncoder().encode(text)))}`;
}

/** An operator, an account with JetStream, and a user of it: the server's configuration, and the user's creds file. */
export function natsAccount(): { conf: string; creds: string } {
  const [operator, system] = [nkeys.createOperator(), nkeys.createAccount()];
  const [account, user] = [nkeys.createAccount(), nkeys.createUser()];
  const limits = { ...OF_ACCOUNT, ...OF_JETSTREAM };
  const jwts = {
    operator: signed(operator, operator, 'operator', { type: 'operator' }),
    system: signed(operator, system, 'system', { type: 'account', limits: OF_ACCOUNT }),
    account: signed(operator, account, 'account', { type: 'account', limits }),
    user: signed(account, user, 'user', { type: 'user', ...UNLIMITED }),
  };
  const conf = `operator: ${jwts.operator}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload: {
  ${system.getPublicKey()}: ${jwts.system}
  ${account.getPublicKey()}: ${jwts.account}
}
`;
  const seed = new TextDecoder().decode(user.getSeed());
  const creds = `-----BEGIN NATS USER JWT-----
${jwts.user}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`;
  return { conf, creds };
}
