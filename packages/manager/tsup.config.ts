import { moduleUrlInCommonJs, packageBuild } from '../../tools/tsup-preset.js';

export default packageBuild({
  // The worker is a file of its own beside the index: where `new URL('./io-worker.js', import.meta.url)` finds it.
  entry: { index: 'src/index.ts', 'io-worker': 'src/threads/worker/io-worker.ts' },
  ...moduleUrlInCommonJs,
});
