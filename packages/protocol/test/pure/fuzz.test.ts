import { fuzzSuite } from '@kite/testkit';

import { target as frames } from '../fuzz/frames.js';
import { target as texts } from '../fuzz/texts.js';
import { target as tokens } from '../fuzz/tokens.js';

fuzzSuite({ frames, texts, tokens }, new URL('../fuzz/', import.meta.url));
