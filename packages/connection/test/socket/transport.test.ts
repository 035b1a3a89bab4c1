import { wsTransport } from '@kite/connection';
import { eventually } from '@kite/testkit';

import { describeTransport } from '../support/transport-contract.js';
import { startWsContractServer } from '../support/ws-contract-server.js';

describeTransport('wsTransport', async () => ({
  transport: wsTransport,
  server: await startWsContractServer(),
  eventually,
  settle: () => new Promise((resolve) => setTimeout(resolve, 30)),
}));
