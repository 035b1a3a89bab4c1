import chalk, { Chalk, type ChalkInstance, type ColorSupportLevel } from 'chalk';

/**
 * How many colours to print. `FORCE_COLOR` decides if set, even for a pipe; else `NO_COLOR` switches colours off; else
 * the terminal's capability decides. Node uses the same order.
 */
export function colourLevel(env: NodeJS.ProcessEnv, shown: ColorSupportLevel): ColorSupportLevel {
  const isForced = env['FORCE_COLOR'] !== undefined;
  return !isForced && env['NO_COLOR'] ? 0 : shown;
}

/** The colours of the live market. Chalk itself knows `FORCE_COLOR`, but not `NO_COLOR`. */
export const colours: ChalkInstance = new Chalk({ level: colourLevel(process.env, chalk.level) });
