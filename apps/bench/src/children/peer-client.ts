import { answer } from '../harness/in-child.js';
import { measurePeer } from '../peers/measure.js';

await answer(measurePeer);
