import { connect } from '@nats-io/transport-node';

/** So many connections, each of which receives every tick and does nothing with it. */
export interface EverythingJob {
  readonly servers: string;
  readonly readers: number;
}

export interface EverythingQuestion {
  readonly count: true;
}

export async function readEverything({ servers, readers }: EverythingJob) {
  let received = 0;
  for (let reader = 0; reader < readers; reader++) {
    const nats = await connect({ servers });
    nats.subscribe('kite.t.>', {
      callback: () => {
        received++;
      },
    });
    await nats.flush();
  }
  return { answer: (_: EverythingQuestion): Promise<number> => Promise.resolve(received) };
}
