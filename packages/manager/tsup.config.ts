import { packageBuild } from '../../tools/tsup-preset.js';

// The worker is a file of its own beside the index: where `new URL('./io-worker.js', import.meta.url)` finds it.
export default packageBuild({ entry: { index: 'src/index.ts', 'io-worker': 'src/threads/io-worker.ts' } });
