import { moduleUrlInCommonJs, packageBuild } from '../../tools/tsup-preset.js';

export default packageBuild({
  entry: ['src/index.ts', 'src/cli.ts'],
  // The command finds its version in the package.json beside it.
  ...moduleUrlInCommonJs,
});
