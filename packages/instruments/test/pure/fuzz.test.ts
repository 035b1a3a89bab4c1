import { fuzzSuite } from '@kite/testkit';

import { target as cacheFiles } from '../fuzz/cache-files.js';
import { target as list } from '../fuzz/list.js';

fuzzSuite({ 'cache-files': cacheFiles, list }, new URL('../fuzz/', import.meta.url));
