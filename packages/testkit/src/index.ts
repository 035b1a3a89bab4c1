export { errorCodeSuite } from './error-codes.js';
export { publicSurface, publicSurfaceSuite } from './public-surface.js';
export { VirtualClock } from './virtual-clock.js';
export { eventually, settled, standing } from './waiting.js';
