import { fuzzSuite } from '@kite/testkit';

import { target as commands } from '../fuzz/commands.js';
import { target as recordings } from '../fuzz/recordings.js';
import { target as requests } from '../fuzz/requests.js';

fuzzSuite({ commands, recordings, requests }, new URL('../fuzz/', import.meta.url));
