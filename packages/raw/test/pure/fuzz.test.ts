import { fuzzSuite } from '@kite/testkit';

import { target as forms } from '../fuzz/forms.js';

fuzzSuite({ forms }, new URL('../fuzz/', import.meta.url));
