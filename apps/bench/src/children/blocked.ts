import { answer, askParent } from '../harness/in-child.js';
import { type BlockedJob, measureBlocked } from '../resilience/blocked.js';

await answer((job: BlockedJob) => measureBlocked(job, askParent));
