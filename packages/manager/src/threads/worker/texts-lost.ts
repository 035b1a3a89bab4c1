import { counted } from '@kite/kit';
import { KiteError } from '@kite/protocol';

import { type PlainError, toPlainError } from '../wire/reports.js';

/** The error that reports dropped texts. */
export function textsLost({ texts, orders }: { texts: number; orders: number }): PlainError {
  const what = counted(texts, 'text was', 'texts were');
  const which = orders === 0 ? '' : ` (${counted(orders, 'order')} among them)`;
  return toPlainError(
    new KiteError(
      'KITE_MANAGER_TEXTS_LOST',
      `${what} lost${which}: the main thread did not read the I/O worker's messages in time`,
      { dropped: texts, orders },
    ),
  );
}
