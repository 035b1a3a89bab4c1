import { fuzzSuite } from '@kite/testkit';

import { target as demands } from '../fuzz/demands.js';
import { target as reports } from '../fuzz/reports.js';
import { target as tickMessages } from '../fuzz/tick-messages.js';

fuzzSuite({ demands, reports, 'tick-messages': tickMessages }, new URL('../fuzz/', import.meta.url));
