import { answer } from '../harness/in-child.js';
import { measureSubscribers } from '../subscribers/measure.js';

await answer(measureSubscribers);
