/** Both ways in which a manager's connections can run: every guarantee holds in each. */
export const WAYS = [
  { way: 'in the main thread', enableDedicatedParsers: false },
  { way: 'in an I/O worker', enableDedicatedParsers: true },
] as const;
