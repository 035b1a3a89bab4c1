/** What a channel has given so far, read as fast as it comes. An error that ends it ends the reading, and no more. */
export function collect<T>(channel: AsyncIterable<T>): T[] {
  const items: T[] = [];
  const read = async (): Promise<void> => {
    for await (const item of channel) items.push(item);
  };
  read().catch(() => undefined);
  return items;
}
