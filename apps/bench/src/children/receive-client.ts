import { answer } from '../harness/in-child.js';
import { measureClient } from '../receive/measure.js';

await answer(measureClient);
