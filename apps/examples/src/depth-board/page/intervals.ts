import { byId, element } from './dom.js';

/** The lengths of a candle, in seconds: multiples of the kept bars. */
const INTERVALS: readonly { seconds: number; name: string }[] = [
  { seconds: 5, name: '5s' },
  { seconds: 15, name: '15s' },
  { seconds: 60, name: '1m' },
  { seconds: 300, name: '5m' },
];

/** The choice of the candle length. */
export class Intervals {
  readonly #inputs: readonly HTMLInputElement[];
  readonly #choose: (seconds: number) => void;

  /** @param seconds the initial choice; the shortest if there is none of that length */
  constructor(seconds: number | undefined, choose: (seconds: number) => void) {
    this.#choose = choose;
    const chosen = INTERVALS.find((one) => one.seconds === seconds) ?? INTERVALS[0]!;
    const labels = INTERVALS.map((one) => {
      const input = element('input');
      input.type = 'radio';
      input.name = 'interval';
      input.value = String(one.seconds);
      input.checked = one === chosen;
      input.addEventListener('change', () => choose(one.seconds));
      return { input, label: element('label', '', input, element('span', '', one.name)) };
    });
    this.#inputs = labels.map(({ input }) => input);
    byId('intervals', HTMLFieldSetElement).append(...labels.map(({ label }) => label));
  }

  get seconds(): number {
    return Number(this.#inputs.find(({ checked }) => checked)?.value);
  }

  /** The next longer one, or with −1 the next shorter. */
  step(by: 1 | -1): void {
    const input = this.#inputs[this.#inputs.findIndex(({ checked }) => checked) + by];
    if (!input) return;
    input.checked = true;
    this.#choose(this.seconds);
  }
}
