import { setImmediate as turn } from 'node:timers/promises';

/** Lets every promise that can settle do so. */
export async function settled(): Promise<void> {
  await turn();
}
