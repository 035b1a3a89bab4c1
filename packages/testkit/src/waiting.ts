import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { vi } from 'vitest';

import { settled } from './settled.js';

/** Looks again and again until the check no longer throws; for what a real socket or thread brings about. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { interval: 2, timeout: 8000 });
}

/** How a promise stands, without waiting for it. */
export async function standing(promise: Promise<unknown>): Promise<'pending' | 'resolved' | 'rejected'> {
  let state: 'pending' | 'resolved' | 'rejected' = 'pending';
  promise.then(
    () => (state = 'resolved'),
    () => (state = 'rejected'),
  );
  await settled();
  return state;
}

/**
 * Resolves once a server of `ws://` has read all that was sent to it before this call: a request behind it has been
 * answered, over a TCP connection of its own.
 */
export function reached(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url.replace(/^ws/u, 'http'), { agent: false }, (response) => {
      response.resume().once('end', resolve);
    }).once('error', reject);
  });
}

/** Waits for 50 ms, long enough for what must not happen to show. For what must happen there is {@link eventually}. */
export async function aWhile(): Promise<void> {
  await sleep(50);
}
