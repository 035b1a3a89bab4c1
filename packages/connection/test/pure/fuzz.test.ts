import { fuzzSuite } from '@kite/testkit';

import { target as addresses } from '../fuzz/addresses.js';
import { target as machine } from '../fuzz/machine.js';
import { target as refusals } from '../fuzz/refusals.js';
import { target as retryAfter } from '../fuzz/retry-after.js';

fuzzSuite({ addresses, machine, refusals, 'retry-after': retryAfter }, new URL('../fuzz/', import.meta.url));
