import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkOutputs } from './decode/check.js';
import { SHAPES, type Shape } from './decode/frames.js';
import { measureBytes, measureSpeed, median, SIZES, type Sample } from './decode/measure.js';
import { READINGS } from './decode/variants.js';

/**
 * Prints how fast each way to read a frame is, as a multiple of the official JS client's decoder, and what it allocates.
 *
 * Each shape of frame is measured in processes of its own, several times, since V8 may optimise the same code differently
 * from one start to the next: a figure is the median over processes, with the lowest and the highest.
 */
const { values } = parseArgs({
  options: {
    restarts: { type: 'string', default: '3' },
    shape: { type: 'string', multiple: true, default: [...SHAPES] },
    measure: { type: 'string' },
  },
});

if (values.measure === undefined) printTables();
else process.stdout.write(JSON.stringify(measureOne(values.measure, values.shape[0] as Shape)));

function measureOne(what: string, shape: Shape): Sample[] {
  return what === 'bytes' ? measureBytes(shape) : measureSpeed(shape);
}

function printTables(): void {
  checkOutputs();
  console.log(
    `Node ${process.version}, ${values.restarts} processes a shape; official = kiteconnect 5.3.0 parseBinary\n`,
  );
  for (const shape of values.shape as Shape[]) {
    const speed = Array.from({ length: Number(values.restarts) }, () => inProcess('speed', shape)).flat();
    printTable(`${shape}: times faster than official`, speed, ratio);
    const bytes = inProcess('bytes', shape, ['--max-semi-space-size=256']);
    printTable(`${shape}: heap bytes allocated a tick`, bytes, (of) => `${Math.round(median(of))}`);
  }
}

function inProcess(what: string, shape: Shape, flags: string[] = []): Sample[] {
  const script = [fileURLToPath(import.meta.url), '--measure', what, '--shape', shape];
  return JSON.parse(
    execFileSync(process.execPath, ['--expose-gc', ...flags, ...script], { encoding: 'utf8' }),
  ) as Sample[];
}

function printTable(title: string, samples: readonly Sample[], show: (values: number[]) => string): void {
  const columns = READINGS.flatMap((reading) => SIZES.map((size) => ({ reading, size })));
  const header = columns.map(({ reading, size }) => `${reading} ${size}`.padStart(18)).join('');
  console.log(`${title.padEnd(40)}${header}`);
  for (const variant of new Set(samples.map((sample) => sample.variant))) {
    const cells = columns.map(({ reading, size }) => {
      const of = samples.filter((s) => s.variant === variant && s.reading === reading && s.size === size);
      return show(of.map(({ value }) => value)).padStart(18);
    });
    console.log(`  ${variant.padEnd(38)}${cells.join('')}`);
  }
  console.log();
}

function ratio(of: number[]): string {
  return `${Math.round(median(of))} (${Math.round(Math.min(...of))}-${Math.round(Math.max(...of))})`;
}
