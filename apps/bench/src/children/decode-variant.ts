import { measureVariant } from '../decode/measure.js';
import { answer } from '../harness/in-child.js';

await answer(measureVariant);
