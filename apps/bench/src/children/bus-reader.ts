import { benchReader } from '../bus/reader.js';
import { serve } from '../harness/in-child.js';

await serve(benchReader);
