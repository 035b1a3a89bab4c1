import { textOf, Warnings } from '@kite/kit';

/**
 * Calls this handler of the caller, if there is one. What it throws, or its promise rejects with, goes no further: it
 * becomes a warning, once.
 */
export function contained<Event>(
  name: string,
  handler: ((event: Event) => unknown) | undefined,
): (event: Event) => void {
  const warnings = new Warnings();
  const failed = (cause: unknown): void => {
    warnings.warn(name, `${name} has failed: ${textOf(cause)}`);
  };
  return (event) => {
    try {
      const result = handler?.(event);
      if (result instanceof Object) Promise.resolve(result).catch(failed);
    } catch (cause) {
      failed(cause);
    }
  };
}
