import { answer, askParent } from '../harness/in-child.js';
import { measureFill, type FillJob } from '../scale/fill.js';

await answer((job: FillJob) => measureFill(job, () => askParent('drop')));
