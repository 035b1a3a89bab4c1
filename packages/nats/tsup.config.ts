import { packageBuild } from '../../tools/tsup-preset.js';

export default packageBuild();
