import type * as Kite from '@kite/instruments';

/**
 * What a program does with the list of this URL, as JSON. It runs in a browser from its own source, so it uses nothing
 * but what it is given.
 */
export async function useList(kite: typeof Kite, url: string): Promise<string> {
  const { Instruments } = kite;
  const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;
  const list = await Instruments.load({ url });
  const { body } = await fetch(url);
  const streamed = await Instruments.parse(body!);
  const issues: Kite.ListIssue[] = [];
  const text = 'instrument_token,name\n1,"a,b"\n2,"c\n';
  const damaged = Instruments.parse(text, { onIssue: (issue) => issues.push(issue) });
  let tell: (event: never) => void = () => undefined;
  const on = (_: string, listener: typeof tell): (() => void) => {
    tell = listener;
    return () => undefined;
  };
  const errors: unknown[] = [];
  const source = { on, messages: () => undefined } as unknown as Parameters<typeof list.watch>[0];
  const stop = list.watch(source, { onError: (error) => errors.push(codeOf(error)) });
  const before = list.loadedAt;
  tell({ type: 'instruments-meta', count: 1, etag: '"2"' } as never);
  while (list.loadedAt === before && errors.length === 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
  stop();
  return JSON.stringify({
    ...{ all: [...list], streamed: [...streamed], damaged: [...damaged], issues, errors },
    tokens: ['NSE:INFY', 'BSE:INFY', 'NSE:NONE'].map((name) => list.tokenOf(name) ?? null),
    found: list.search('infy 1600 ce').map(({ tradingsymbol }) => tradingsymbol),
    chain: list.atTheMoney('NIFTY', 24_512, 2),
    expiries: list.expiries('NIFTY'),
    future: list.future('NIFTY', 'next'),
    changes: list.diff(streamed),
  });
}
