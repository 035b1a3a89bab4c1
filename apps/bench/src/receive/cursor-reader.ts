import { FrameCursor } from '@kite/raw';

/** Reads token and price of every tick of a frame; reports the count and the stamp of the first, or 0. */
export function cursorReader(
  onFrame: (ticks: number, stamp: number) => void,
): (frame: { readonly bytes: Uint8Array }) => void {
  const cursor = new FrameCursor();
  let sum = 0;
  return ({ bytes }) => {
    cursor.reset(bytes);
    let ticks = 0;
    let stamp = 0;
    while (cursor.next()) {
      if (ticks++ === 0) stamp = cursor.volumeTraded;
      sum += cursor.instrumentToken + cursor.lastPrice;
    }
    if (Number.isNaN(sum)) throw new Error('a cursor read what is not there');
    onFrame(ticks, stamp);
  };
}
