import { fuzzSuite } from '@kite/testkit';

import { target as demands } from '../fuzz/demands.js';
import { target as frameMessages } from '../fuzz/frame-messages.js';
import { target as orders } from '../fuzz/orders.js';
import { target as reports } from '../fuzz/reports.js';
import { target as tickMessages } from '../fuzz/tick-messages.js';

fuzzSuite(
  { demands, 'frame-messages': frameMessages, orders, reports, 'tick-messages': tickMessages },
  new URL('../fuzz/', import.meta.url),
);
