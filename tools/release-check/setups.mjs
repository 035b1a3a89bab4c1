/**
 * How a user's project is set up, in what can break declarations: how modules are resolved, whether
 * `exactOptionalPropertyTypes` is on, and whether the DOM's types are there.
 *
 * @typedef {{ resolution: 'node16' | 'bundler', exact: boolean, dom: boolean }} Setup
 * @typedef {'module' | 'commonjs'} Format
 */

const switches = [true, false];

/** Every setup of a project. A bundler reads ES modules, so CommonJS means node16. @param {Format} format */
export function allSetups(format) {
  const resolutions = /** @type {const} */ (['node16', 'bundler']).slice(0, format === 'module' ? 2 : 1);
  return resolutions.flatMap((resolution) =>
    switches.flatMap((exact) => switches.map((dom) => /** @type {Setup} */ ({ resolution, exact, dom }))),
  );
}

/**
 * What a quick run compiles. Each compiler sees each value of each switch. The newest writes the programs that are run,
 * so it has node16 in both formats.
 *
 * @type {Record<'oldest' | 'newest', Record<Format, Setup[]>>}
 */
export const QUICK_SETUPS = {
  oldest: {
    module: [{ resolution: 'bundler', exact: false, dom: true }],
    commonjs: [{ resolution: 'node16', exact: true, dom: false }],
  },
  newest: {
    module: [
      { resolution: 'node16', exact: true, dom: true },
      { resolution: 'bundler', exact: false, dom: false },
    ],
    commonjs: [{ resolution: 'node16', exact: false, dom: true }],
  },
};

/** @param {Setup} setup */
export function nameOf({ resolution, exact, dom }) {
  return `${resolution}-${exact ? 'exact' : 'loose'}-${dom ? 'dom' : 'no-dom'}`;
}
