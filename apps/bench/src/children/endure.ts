import { answer } from '../harness/in-child.js';
import { measureEndurance } from '../resilience/endure.js';

await answer(measureEndurance);
