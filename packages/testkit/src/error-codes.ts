import { describe, expect, test } from 'vitest';

/** The tests of a package's list of error codes: what the codes begin with, and what each entry says. */
export function errorCodeSuite(
  errors: Readonly<Record<string, { readonly cause: string; readonly cure: string }>>,
  ...areas: readonly string[]
): void {
  describe.each(Object.entries(errors))('the error %s', (code, { cause, cure }) => {
    test('is named KITE_<AREA>_<REASON>', () => {
      expect(areas.some((area) => code.startsWith(`KITE_${area}_`))).toBe(true);
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
    });

    test('says in sentences why it happens and what helps', () => {
      // A sentence may begin with a method.
      for (const text of [cause, cure]) expect(text).toMatch(/^([A-Z]|\w+\(\) ).*\.$/s);
    });
  });
}
