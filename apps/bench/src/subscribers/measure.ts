import type { SocketListener } from '@kite/connection';
import { KiteTickerManager, type Transport } from '@kite/manager';

import { makeFrames, tokenOf } from '../frames/frames.js';
import { startLoadMeter } from '../harness/processor.js';

/** Who reads a manager's ticks. */
export type Readers = 'everybody' | 'channels-of-tokens' | 'subscribers' | 'unwanted';

export interface SubscribersJob {
  readonly readers: Readers;
  readonly instruments: number;
  /** Channels with `tokens`, for comparison. */
  readonly channels: number;
  readonly subscribers: number;
  readonly instrumentsEach: number;
  /** Ticks in a frame. */
  readonly size: number;
}

export interface SubscribersSample {
  /** CPU time of the thread for one tick of the market. */
  readonly microsATick: number;
  /** To all readers together, for one tick of the market. */
  readonly deliveredATick: number;
}

const TICKS = 1_000_000;
const WARM_UP_TICKS = 300_000;
/** Readers read after this many frames. */
const FRAMES_A_TURN = 30;

/** Frames enter a manager through its transport, without a socket: only the path after it is measured. */
export async function measureSubscribers(job: SubscribersJob): Promise<SubscribersSample> {
  const listeners: SocketListener[] = [];
  const manager = new KiteTickerManager({
    ...{ apiKey: 'bench', accessToken: 'token', enableDedicatedParsers: false },
    ...{ transport: transportTo(listeners), heartbeatLivenessThresholdMs: 600_000 },
  });
  await manager.start();
  const tokens = Array.from({ length: job.instruments }, (_, n) => tokenOf(n));
  await manager.subscribeSymbols(tokens, 'full');
  const channels = await open(manager, job, tokens);
  const { slices } = makeFrames('full', job.size, job.instruments, job.instruments);
  const pass = (ticks: number): number => {
    let delivered = 0;
    for (let passed = 0, frame = 0; passed < ticks; frame++, passed += job.size) {
      listeners[0]!.binary(slices[frame % slices.length]!);
      if (frame % FRAMES_A_TURN !== 0) continue;
      for (const channel of channels)
        for (let batch = channel.tryRecv(); batch; batch = channel.tryRecv()) delivered += batch.ticks.length;
    }
    return delivered;
  };
  pass(WARM_UP_TICKS);
  const stop = startLoadMeter();
  const delivered = pass(TICKS);
  const { main, elapsedMs } = stop();
  const micros = main * elapsedMs * 1000;
  await manager.stop();
  return { microsATick: micros / TICKS, deliveredATick: delivered / TICKS };
}

async function open(manager: KiteTickerManager, job: SubscribersJob, tokens: readonly number[]) {
  switch (job.readers) {
    case 'everybody':
      return [manager.ticks()];
    case 'channels-of-tokens': {
      const lists = Array.from({ length: job.channels }, (_, index) =>
        some(tokens, job.instrumentsEach, index + 1),
      );
      return [manager.ticks(), ...lists.map((list) => manager.ticks({ tokens: list }))];
    }
    case 'unwanted': {
      const subscriber = manager.subscriber();
      await subscriber.subscribeSymbols([256 * 1_000_000 + 1], 'full');
      return [manager.ticks(), subscriber.ticks()];
    }
    case 'subscribers': {
      const channels = [manager.ticks()];
      for (let index = 0; index < job.subscribers; index++) {
        const subscriber = manager.subscriber();
        channels.push(subscriber.ticks());
        await subscriber.subscribeSymbols(some(tokens, job.instrumentsEach, index + 1), 'full');
      }
      return channels;
    }
  }
}

/** This many of them, picked at random but the same in each run. */
function some(tokens: readonly number[], count: number, seed: number): number[] {
  const chosen = new Set<number>();
  for (let state = seed * 7919; chosen.size < count;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    chosen.add(tokens[state % tokens.length]!);
  }
  return [...chosen];
}

function transportTo(listeners: SocketListener[]): Transport {
  return {
    open(_request, listener) {
      listeners.push(listener);
      setTimeout(() => {
        listener.opened();
      }, 1);
      return {
        send: () => undefined,
        ping: () => undefined,
        close: () => {
          listener.ended({ kind: 'closed', code: 1000, reason: '' });
        },
        terminate: () => undefined,
      };
    },
  };
}
