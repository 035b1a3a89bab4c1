// A program: prints the hash of a day with faults, for the seed that it is given.
import { dayHash } from './day-hash.js';

console.log(await dayHash({ seed: Number(process.argv[2]), faults: 'swarm' }));
