/** What the board remembers from one visit to the next. */
export interface Preferences {
  /** Unset: as the system has it. */
  theme?: 'dark' | 'light';
  /** The token of the instrument that was chosen. */
  chosen?: number;
  /** The length of a candle, in seconds. */
  interval?: number;
}

const KEY = 'depth-board';

/** Nothing where a browser keeps nothing, or somebody else wrote there. */
export function loadPreferences(): Preferences {
  try {
    const { theme, chosen, interval } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<
      Record<keyof Preferences, unknown>
    >;
    return {
      ...((theme === 'dark' || theme === 'light') && { theme }),
      ...(typeof chosen === 'number' && { chosen }),
      ...(typeof interval === 'number' && { interval }),
    };
  } catch {
    return {};
  }
}

/** Adds to what is remembered, as far as the browser lets it. */
export function rememberPreferences(changed: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...loadPreferences(), ...changed }));
  } catch {
    // A browser that is told to keep nothing: the board works all the same.
  }
}
