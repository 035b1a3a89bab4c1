import { answer, askParent } from '../harness/in-child.js';
import { measureBlocked, type BlockedJob } from '../resilience/blocked.js';

await answer((job: BlockedJob) => measureBlocked(job, askParent));
