import { fuzzSuite } from '@kite/testkit';

import { target as list } from '../fuzz/list.js';

fuzzSuite({ list }, new URL('../fuzz/', import.meta.url));
