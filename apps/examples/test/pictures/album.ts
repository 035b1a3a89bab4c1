import path from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** Pictures to take, each with the name of its file, and where to put them. */
export interface Album<Picture extends { readonly name: string }> {
  readonly browser: Browser;
  readonly folder: string;
  readonly pictures: readonly Picture[];
}

/**
 * Takes them, one after the other and each on a page of its own; returns the files.
 *
 * @param show puts it on the page, and returns what to take
 */
export async function takeEach<Picture extends { readonly name: string }>(
  { browser, folder, pictures }: Album<Picture>,
  pageOf: (picture: Picture) => BrowserContextOptions,
  show: (page: Page, picture: Picture) => Promise<Page | Locator>,
): Promise<string[]> {
  const files: string[] = [];
  for (const picture of pictures) {
    const file = path.join(folder, `${picture.name}.png`);
    const page = await browser.newPage(pageOf(picture));
    const shown = await show(page, picture);
    await shown.screenshot({ path: file });
    await page.close();
    files.push(file);
  }
  return files;
}
