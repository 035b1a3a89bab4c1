import { answerFor } from '../decode/measure.js';
import { serve } from '../harness/in-child.js';

await serve(answerFor);
