/** What the board remembers between visits. */
export interface Preferences {
  /** Unset: follows the system. */
  theme?: 'dark' | 'light';
  /** The token of the chosen instrument. */
  chosen?: number;
  /** The length of a candle, in seconds. */
  interval?: number;
}

const KEY = 'depth-board';

/** Empty if the browser stores nothing, or the stored value is not ours. */
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

/** Adds to the stored preferences, if the browser allows it. */
export function rememberPreferences(changed: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...loadPreferences(), ...changed }));
  } catch {
    // The browser may be set to store nothing: the board works anyway.
  }
}
