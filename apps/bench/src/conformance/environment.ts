/** A variable that the suite sets. @throws Error if it is missing */
export function env(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: the suite sets it`);
  return value;
}

/** The tokens of each mode, from `KITE_SUBSCRIPTIONS`: `408065:full,256265:quote`. */
export function subscriptions(): Map<string, number[]> {
  const byMode = new Map<string, number[]>();
  for (const one of env('KITE_SUBSCRIPTIONS').split(',')) {
    const [token, mode = ''] = one.split(':');
    byMode.set(mode, [...(byMode.get(mode) ?? []), Number(token)]);
  }
  return byMode;
}

/** A line of JSON. */
export function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
