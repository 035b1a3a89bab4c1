import {
  decodeTickMessage,
  encodeTickMessage,
  isKiteError,
  openBusFeed,
  publishFeed,
  Subjects,
} from '@kite/nats';

async function main(): Promise<string> {
  const head = {
    cached: false,
    replayed: false,
    account: 0,
    connection: 0,
    epoch: 1,
    sequence: 2,
    previous: 1,
  };
  const message = encodeTickMessage({ ...head, receivedAt: 1_701_928_226_123 }, new Uint8Array(8));
  const read = decodeTickMessage(message);
  if ('flaw' in read || read.sequence !== 2) throw new Error(JSON.stringify(read));
  const refused: unknown = await openBusFeed({ servers: '127.0.0.1:1', name: 'a' }).catch((e: unknown) => e);
  if (!isKiteError(refused, 'KITE_NATS_UNREACHABLE')) throw new Error('found a server');
  try {
    await publishFeed({ feed: {} as never, servers: 'localhost', publisher: 'a' });
    throw new Error('took an object for a feed');
  } catch (error) {
    if (!isKiteError(error, 'KITE_NATS_INVALID_OPTION')) throw error;
    return `${new Subjects().tick(408065)}, ${message.length} bytes, and ${error.code}`;
  }
}

main().then(console.log, (error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
