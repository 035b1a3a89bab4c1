/** Options of connections whose default a README gives in its own words. */
const IN_WORDS: Readonly<Record<string, string>> = {
  divisors: 'the known ones',
  proxy: 'none',
  tls: "Node's own",
  localAddress: "the system's choice",
  family: 'both',
};
const INJECTED = { row: '`clock`, `random`, `transport`', names: ['clock', 'random', 'transport'] };

/**
 * What the table of options of a package with connections says: each with its default.
 *
 * @param required those without a default
 */
export function connectionOptions(required: object, defaults: object): Record<string, string> {
  const plain = Object.entries(defaults).filter(([option]) => !INJECTED.names.includes(option));
  return {
    ...Object.fromEntries(Object.keys(required).map((option) => [option, 'required'])),
    ...Object.fromEntries(plain.map(([option, value]) => [option, String(value)])),
    ...IN_WORDS,
    [INJECTED.row]: "the machine's own, `ws`",
  };
}
