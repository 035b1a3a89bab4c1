import { byId, setText } from './dom.js';
import { loadPreferences, rememberPreferences } from './preferences.js';

/** Dark or light: follows the system until the switch is used. */
export class Theme {
  readonly #button = byId('theme', HTMLButtonElement);
  readonly #systemIsDark = matchMedia('(prefers-color-scheme: dark)');
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
    this.#button.addEventListener('click', () => this.toggle());
    this.#systemIsDark.addEventListener('change', () => this.#apply());
    this.#apply();
  }

  toggle(): void {
    rememberPreferences({ theme: this.#isDark() ? 'light' : 'dark' });
    this.#apply();
  }

  #isDark(): boolean {
    const { theme } = loadPreferences();
    return theme === undefined ? this.#systemIsDark.matches : theme === 'dark';
  }

  #apply(): void {
    const dark = this.#isDark();
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
    setText(this.#button, dark ? 'Light' : 'Dark');
    this.#button.title = `Switch to the ${dark ? 'light' : 'dark'} theme (t)`;
    this.#button.ariaLabel = `Switch to the ${dark ? 'light' : 'dark'} theme`;
    this.#changed();
  }
}
