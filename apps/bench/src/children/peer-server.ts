import { serve } from '../harness/in-child.js';
import { startPeerServer } from '../peers/peer-server.js';

await serve(startPeerServer);
