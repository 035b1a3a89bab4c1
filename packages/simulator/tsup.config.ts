import { packageBuild } from '../../tools/tsup-preset.js';

export default packageBuild({ entry: ['src/index.ts', 'src/cli.ts'] });
