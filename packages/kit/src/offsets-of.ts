/** Each field's offset under its name. */
export type Offsets<F extends Record<string, { readonly offset: number }>> = {
  readonly [K in keyof F]: F[K]['offset'];
};

/** Only the offsets, as one flat constant object for hot paths. */
export function offsetsOf<F extends Record<string, { readonly offset: number }>>(fields: F): Offsets<F> {
  return Object.freeze(
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.offset])),
  ) as Offsets<F>;
}
