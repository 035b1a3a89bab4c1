import { answer } from '../harness/in-child.js';
import { measureLoad } from '../scale/load.js';

await answer(measureLoad);
