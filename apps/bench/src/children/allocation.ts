import { leastAllocated } from '../decode/allocation.js';
import { answer } from '../harness/in-child.js';

await answer(leastAllocated);
