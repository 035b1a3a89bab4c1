/** The method under which Node's `util.inspect`, and so `console.log`, asks an object what to show. */
export const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** A plain object of these fields, read one by one: getters live on the prototype, where no serialiser sees them. */
export function plainFields<T, K extends keyof T>(source: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, source[name]])) as Pick<T, K>;
}
