import { escaped, svg } from './style.js';

/** One bar. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Drawn in the project's colour, not in the others'. */
  readonly isOurs: boolean;
}

/** Bars under one title. */
export interface BarChart {
  readonly title: string;
  readonly subtitle: string;
  readonly unit: string;
  /** Use it for ratios over several powers of ten: no other scale shows them all. */
  readonly isLogarithmic: boolean;
  readonly bars: readonly Bar[];
}

const WIDTH = 760;
const MARGIN = 24;
const LABEL_WIDTH = 250;
const VALUE_WIDTH = 80;
const ROW_HEIGHT = 26;
const BAR_HEIGHT = 16;
const TITLE_HEIGHT = 54;
const GAP = 28;
const FULL_LENGTH = WIDTH - 2 * MARGIN - LABEL_WIDTH - VALUE_WIDTH;
/** Keeps tiny bars visible. */
const SHORTEST = 2;

/** Stacks charts in one SVG document. */
export function barChart(charts: readonly BarChart[]): string {
  let top = MARGIN;
  const parts = charts.map((one) => {
    const part = drawn(one, top);
    top += heightOf(one) + GAP;
    return part;
  });
  const height = top - GAP + MARGIN;
  return svg(WIDTH, height, charts.map(({ title }) => title).join('; '), parts);
}

function heightOf({ bars }: BarChart): number {
  return TITLE_HEIGHT + bars.length * ROW_HEIGHT;
}

function drawn(chart: BarChart, top: number): string {
  const lengthOf = scale(chart);
  const left = MARGIN + LABEL_WIDTH;
  const rows = chart.bars.map(({ name, value, isOurs }, index) => {
    const middle = top + TITLE_HEIGHT + index * ROW_HEIGHT + ROW_HEIGHT / 2;
    const length = lengthOf(value);
    return [
      `<text class="name" x="${left - 10}" y="${middle}" text-anchor="end" dominant-baseline="central">${escaped(name)}</text>`,
      `<rect class="${isOurs ? 'ours' : 'other'}" x="${left}" y="${middle - BAR_HEIGHT / 2}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="3"/>`,
      `<text class="value" x="${(left + length + 8).toFixed(1)}" y="${middle}" dominant-baseline="central">${escaped(label(value, chart.unit))}</text>`,
    ].join('\n');
  });
  return [
    `<text class="title" x="${MARGIN}" y="${top + 16}">${escaped(chart.title)}</text>`,
    `<text class="subtitle" x="${MARGIN}" y="${top + 36}">${escaped(chart.subtitle)}</text>`,
    ...rows,
    `<line class="axis" x1="${left}" x2="${left}" y1="${top + TITLE_HEIGHT}" y2="${top + heightOf(chart)}"/>`,
  ].join('\n');
}

function scale({ bars, isLogarithmic }: BarChart): (value: number) => number {
  const values = bars.map(({ value }) => value).filter((value) => value > 0);
  const highest = Math.max(...values);
  if (!isLogarithmic) return (value) => Math.max(SHORTEST, (value / highest) * FULL_LENGTH);
  // Start at half of the lowest, so that the lowest has a bar too.
  const lowest = Math.min(...values) / 2;
  return (value) =>
    value <= lowest
      ? SHORTEST
      : Math.max(SHORTEST, (Math.log(value / lowest) / Math.log(highest / lowest)) * FULL_LENGTH);
}

function label(value: number, unit: string): string {
  const text = value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(2)));
  return unit === '×' ? `${text} ×` : unit === 'bytes' ? `${text} B` : `${text} ${unit}`;
}
