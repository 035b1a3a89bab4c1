import { answer, askParent } from '../harness/in-child.js';
import { type FillJob, measureFill } from '../scale/fill.js';

await answer((job: FillJob) => measureFill(job, () => askParent('drop')));
