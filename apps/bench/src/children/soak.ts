import { answer } from '../harness/in-child.js';
import { soak } from '../soak/soak-client.js';

await answer(soak);
