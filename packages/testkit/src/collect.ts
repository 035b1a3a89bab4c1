/** What a channel has given so far, read as fast as it comes. */
export function collect<T>(channel: AsyncIterable<T>): T[] {
  const items: T[] = [];
  void (async () => {
    for await (const item of channel) items.push(item);
  })();
  return items;
}
