import { serve } from '../harness/in-child.js';
import { startWireServer } from '../receive/wire-server.js';

await serve(startWireServer);
