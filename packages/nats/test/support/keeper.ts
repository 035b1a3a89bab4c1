import { afterEach } from 'vitest';

/** A function that keeps what a test opens until the test is over. Then it ends, and what was opened last ends first. */
export function keeper(): <T extends AsyncDisposable>(one: T) => T {
  const open: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
  });
  return (one) => {
    open.push(one);
    return one;
  };
}
