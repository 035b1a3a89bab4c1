// Before every test file: what its property tests draw. One seed, so that what passed once passes again; `npm run nightly --
// properties` sets `KITE_PROPERTY_SEED` to others.
import fc from 'fast-check';

const DEFAULT_SEED = 20_261_129;

fc.configureGlobal({ seed: Number(process.env['KITE_PROPERTY_SEED'] ?? DEFAULT_SEED) });
