/** The method that Node's `util.inspect`, and so `console.log`, calls to print an object. */
export const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** A plain object of these fields: getters live on the prototype, where serialisers do not see them. */
export function plainFields<T, K extends keyof T>(source: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, source[name]])) as Pick<T, K>;
}
