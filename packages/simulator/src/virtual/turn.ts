/** As it is when the package is loaded: a test that fakes timers later does not stop a day. */
const immediate = setImmediate;

/** So many turns without a pause keep the real event loop waiting for no longer than a moment. */
const TURNS_PER_PAUSE = 256;

const settled = Promise.resolve();

/**
 * Calls back again and again, each time after all promise chains have settled, until the callback returns false.
 *
 * Node runs every microtask, those that follow from others included, before the next `nextTick`. A turn through both takes
 * 0.3 µs, one through `setImmediate` 2 µs; one of those now and then lets signals and real timers through.
 */
export function eachTurn(next: () => boolean): void {
  let turns = 0;
  const turn = () => {
    if (!next()) return;
    if (++turns % TURNS_PER_PAUSE === 0) immediate(turn);
    else void settled.then(tick);
  };
  const tick = () => process.nextTick(turn);
  immediate(turn);
}
