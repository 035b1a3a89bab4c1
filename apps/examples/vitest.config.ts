import { packageTests } from '../../tools/vitest-preset.js';

export default packageTests({ globalSetup: ['test/support/build.ts'], maxConcurrency: 2 });
