// `npm start`: the live market in the terminal.
import { launch } from './launch.mjs';

launch('live-market', process.argv.slice(2));
