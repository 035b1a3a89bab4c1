import { packageTests } from '../../tools/vitest-preset.js';

// Real sockets and threads on a machine that may be busy with other things: waiting longer is no failure.
export default packageTests({ testTimeout: 20_000 });
