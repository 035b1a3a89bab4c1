import { type JetStreamClient, StorageType } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';

/** Follows the leases of a bucket, beginning with the existing ones. */
export interface LeaseWatcher {
  /** A lease was stated, or stated again. */
  stated(key: string, data: Uint8Array, revision: number): void;
  /** A lease was given back. A lease that merely expires is not reported. */
  ended(key: string): void;
  /** The last call: the watch has failed. */
  failed(cause: unknown): void;
}

/** A bucket of leases: each key has one value, which its owner keeps restating. */
export interface Leases {
  /** Resolves with the revision, which grows with every statement in the bucket. */
  put(key: string, data: Uint8Array): Promise<number>;
  remove(key: string): Promise<void>;
  /** Returns a function that stops it. */
  watch(watcher: LeaseWatcher): () => void;
}

/** Whether a missing bucket is created. */
export interface LeaseOptions {
  /** How long the server keeps an unrenewed lease, in milliseconds; undefined: a missing bucket is not created. */
  readonly createdWithTtlMs?: number;
}

/** A bucket of JetStream's key-value store; undefined if it is missing and not created. */
export async function natsLeases(
  jetStream: JetStreamClient,
  bucket: string,
  { createdWithTtlMs: ttl }: LeaseOptions,
): Promise<Leases | undefined> {
  const kvm = new Kvm(jetStream);
  if (ttl !== undefined)
    return new NatsLeases(await kvm.create(bucket, { ttl, history: 1, storage: StorageType.File }));
  const { streams } = await jetStream.jetstreamManager(false);
  try {
    await streams.info(`KV_${bucket}`);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  return new NatsLeases(await kvm.open(bucket));
}

class NatsLeases implements Leases {
  readonly #kv: KV;

  constructor(kv: KV) {
    this.#kv = kv;
  }

  put(key: string, data: Uint8Array): Promise<number> {
    return this.#kv.put(key, data);
  }

  remove(key: string): Promise<void> {
    return this.#kv.delete(key);
  }

  watch(watcher: LeaseWatcher): () => void {
    let isStopped = false;
    let stop = (): void => undefined;
    const run = async (): Promise<void> => {
      const entries = await this.#kv.watch();
      stop = () => {
        entries.stop();
      };
      if (isStopped) stop();
      for await (const { key, value, revision, operation } of entries)
        if (operation === 'PUT') watcher.stated(key, value, revision);
        else watcher.ended(key);
      if (!isStopped) throw new Error('the watch ended');
    };
    run().catch((cause: unknown) => {
      if (!isStopped) watcher.failed(cause);
    });
    return () => {
      isStopped = true;
      stop();
    };
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 10_059;
}
