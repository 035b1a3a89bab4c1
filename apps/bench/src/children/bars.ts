import { measureBars } from '../bars/measure.js';
import { answer } from '../harness/in-child.js';

await answer(measureBars);
