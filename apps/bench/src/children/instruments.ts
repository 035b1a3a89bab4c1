import { serve } from '../harness/in-child.js';
import { answerForList } from '../instruments/measure.js';

await serve(answerForList);
