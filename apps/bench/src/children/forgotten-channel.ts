import { answer } from '../harness/in-child.js';
import { measureForgottenChannel } from '../resilience/forgotten-channel.js';

await answer(measureForgottenChannel);
