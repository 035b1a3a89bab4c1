import { bytesOfObjects } from '../decode/objects.js';
import { answer } from '../harness/in-child.js';

await answer(bytesOfObjects);
