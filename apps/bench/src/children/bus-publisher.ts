import { benchPublisher } from '../bus/publisher.js';
import { serve } from '../harness/in-child.js';

await serve(benchPublisher);
