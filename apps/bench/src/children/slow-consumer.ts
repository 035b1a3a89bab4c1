import { answer } from '../harness/in-child.js';
import { measureSlowConsumer } from '../resilience/slow-consumer.js';

await answer(measureSlowConsumer);
