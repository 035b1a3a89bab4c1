/**
 * What the tests of depth-board ask of the page. These run in the browser, each by itself: it is sent there as text, so
 * that it can use nothing but its parameters and the DOM.
 */

/** The colour of the page's ground. */
export function ground(): string {
  return getComputedStyle(document.documentElement).backgroundColor;
}

/** How much of an element shines through. */
export function opacityOf(selector: string): number {
  return Number(getComputedStyle(document.querySelector(selector)!).opacity);
}

/** The prices of the order book, the best first. */
export function bookPrices(): { bids: number[]; offers: number[] } {
  const prices = (side: string) =>
    [...document.querySelectorAll(`#book .price.${side}`)]
      .filter((cell) => cell.matches('td'))
      .map((cell) => Number(cell.textContent.replaceAll(',', '')));
  return { bids: prices('bid'), offers: prices('ask') };
}

/** The quantities of the order book, and how long their bars are, in percent. */
export function bookBars(): { quantity: number; bar: number }[] {
  return [...document.querySelectorAll<HTMLElement>('#book td.quantity')].map((cell) => ({
    quantity: Number(cell.textContent.replaceAll(',', '')),
    bar: Number.parseFloat(cell.style.getPropertyValue('--bar')),
  }));
}

/** How many pixels of the chart have one of these colours, given as `red green blue`. */
export function chartPixels(colours: string[]): number {
  let found = 0;
  for (const canvas of document.querySelectorAll<HTMLCanvasElement>('#chart canvas')) {
    // A copy: Chromium warns of a canvas that is drawn on and read again and again.
    const copy = document.createElement('canvas');
    copy.width = canvas.width;
    copy.height = canvas.height;
    const context = copy.getContext('2d', { willReadFrequently: true })!;
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, copy.width, copy.height);
    for (let at = 0; at < data.length; at += 4)
      if (colours.includes(`${data[at]} ${data[at + 1]} ${data[at + 2]}`)) found++;
  }
  return found;
}

/** The symbol of the row that has the focus. */
export function focusedSymbol(): string | null | undefined {
  return document.activeElement?.querySelector('th')?.firstChild?.textContent;
}

/** What has the focus, and how that is drawn. A radio button itself is not seen: what stands for it is. */
export function focusLook(): { name: string; outline: string } {
  const element = document.activeElement!;
  const seen = element.matches('input[type=radio]') ? element.nextElementSibling! : element;
  const name = element.getAttribute('id') ?? element.getAttribute('name') ?? element.tagName.toLowerCase();
  return { name, outline: getComputedStyle(seen).outlineStyle };
}

/** By how much the page is wider than the window, in pixels. */
export function overflow(): number {
  return document.documentElement.scrollWidth - innerWidth;
}

/** How many rows of the watch list have been painted. */
export function paintedRows(): number {
  return [...document.querySelectorAll('#watch-list td.age')].filter(({ textContent }) => textContent).length;
}

interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}

/** What axe, which has to be in the page already, finds wrong with it. */
export async function axeViolations(): Promise<string[]> {
  const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
