import { readEverything } from '../bus/read-everything.js';
import { serve } from '../harness/in-child.js';

await serve(readEverything);
