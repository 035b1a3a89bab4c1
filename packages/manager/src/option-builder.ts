/** A builder: a setter for each option, under the option's name, what `Extra` adds, and at last `build()`. */
export type OptionBuilder<Config extends object, Built, Extra = unknown> = {
  readonly [Option in keyof Config & string]-?: (
    value: NonNullable<Config[Option]>,
  ) => OptionBuilder<Config, Built, Extra>;
} & {
  /** Sets several options at once, a preset for example. */
  config(options: Config): OptionBuilder<Config, Built, Extra>;
  /** Checks the options and makes the thing. Throws as its constructor does. */
  build(): Built;
} & Extra;

/**
 * Makes a builder with a setter for each of these options.
 */
export function optionBuilder<Config extends object, Built>(
  options: readonly (keyof Config & string)[],
  build: (config: Config) => Built,
): OptionBuilder<Config, Built> {
  const collected: Record<string, unknown> = {};
  const builder: Record<string, unknown> = {
    config: (more: Config) => {
      Object.assign(collected, more);
      return builder;
    },
    build: () => build(collected as Config),
  };
  for (const option of options) {
    builder[option] = (value: unknown) => {
      collected[option] = value;
      return builder;
    };
  }
  return builder as OptionBuilder<Config, Built>;
}
