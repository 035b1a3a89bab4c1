const DAY_MS = 86_400_000;

/** Kite makes the list of the day at about 08:00 in India: 02:30 UTC. India has no summer time. */
const NEW_LIST_MS = 2.5 * 3_600_000;

/** "About": within this time after 08:00 a server may still have yesterday's list, and confirm it. */
const SETTLING_MS = 30 * 60_000;

/** When the current list was due: 08:00 in India, today or yesterday. Unix milliseconds. */
export function lastListDue(now: number): number {
  return Math.floor((now - NEW_LIST_MS) / DAY_MS) * DAY_MS + NEW_LIST_MS;
}

/** When a list given or confirmed at `loadedAt` is due again: 08:00, or 08:30 for one of that half hour. */
export function nextListDue(loadedAt: number): number {
  const due = lastListDue(loadedAt);
  return loadedAt < due + SETTLING_MS ? due + SETTLING_MS : due + DAY_MS;
}

/** Whether a list given or confirmed at `loadedAt` needs no new request. */
export function isFresh(loadedAt: number, now: number, maxAgeMs: number): boolean {
  // After a clock is set back, lists seem to come from the future: do not trust them.
  return loadedAt <= now && loadedAt >= lastListDue(now) + SETTLING_MS && now - loadedAt <= maxAgeMs;
}
