import { escaped, svg } from './style.js';

/** One figure over time. */
export interface Line {
  readonly name: string;
  /** At each of the chart's times. */
  readonly values: readonly number[];
}

/** One or two lines under one title. */
export interface LineChart {
  readonly title: string;
  readonly subtitle: string;
  readonly unit: string;
  readonly lines: readonly [Line] | readonly [Line, Line];
}

const WIDTH = 760;
const MARGIN = 24;
const LABEL_WIDTH = 56;
const TITLE_HEIGHT = 62;
const PLOT_HEIGHT = 120;
const AXIS_HEIGHT = 26;
const GAP = 22;
const LEFT = MARGIN + LABEL_WIDTH;
const PLOT_WIDTH = WIDTH - LEFT - MARGIN;
const CHART_HEIGHT = TITLE_HEIGHT + PLOT_HEIGHT + AXIS_HEIGHT;
const COLOURS = ['first', 'second'] as const;

/** Stacks charts over the same time in one SVG document. */
export function lineChart(minutes: readonly number[], charts: readonly LineChart[]): string {
  const parts = charts.map((chart, index) => drawn(chart, minutes, MARGIN + index * (CHART_HEIGHT + GAP)));
  const height = 2 * MARGIN + charts.length * (CHART_HEIGHT + GAP) - GAP;
  return svg(WIDTH, height, charts.map(({ title }) => title).join('; '), parts);
}

function drawn({ title, subtitle, unit, lines }: LineChart, minutes: readonly number[], top: number): string {
  const bottom = top + TITLE_HEIGHT + PLOT_HEIGHT;
  const end = Math.max(...minutes);
  const highest = roundedUp(Math.max(1, ...lines.flatMap(({ values }) => values)));
  const x = (minute: number): number => LEFT + (minute / end) * PLOT_WIDTH;
  const y = (value: number): number => bottom - (value / highest) * PLOT_HEIGHT;
  const paths = lines.map(({ values }, index) => {
    const points = values.map((value, at) => `${x(minutes[at]!).toFixed(1)},${y(value).toFixed(1)}`);
    return `<polyline class="line ${COLOURS[index]!}" points="${points.join(' ')}"/>`;
  });
  const names = lines.map(({ name }, index) => {
    const left = LEFT + index * 220;
    const middle = top + 52;
    return [
      `<line class="line ${COLOURS[index]!}" x1="${left}" x2="${left + 18}" y1="${middle}" y2="${middle}"/>`,
      `<text class="subtitle" x="${left + 24}" y="${middle}" dominant-baseline="central">${escaped(name)}</text>`,
    ].join('\n');
  });
  const levels = [0, highest / 2, highest].map((level) => [
    `<line class="axis" x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${y(level)}" y2="${y(level)}"/>`,
    `<text class="subtitle" x="${LEFT - 8}" y="${y(level)}" text-anchor="end" dominant-baseline="central">${escaped(label(level))}</text>`,
  ]);
  const times = (['start', 'middle', 'end'] as const).map((anchor, index) => {
    const minute = (end * index) / 2;
    return `<text class="subtitle" x="${x(minute).toFixed(1)}" y="${bottom + 18}" text-anchor="${anchor}">${label(minute)} min</text>`;
  });
  return [
    `<text class="title" x="${MARGIN}" y="${top + 16}">${escaped(title)}</text>`,
    `<text class="subtitle" x="${MARGIN}" y="${top + 36}">${escaped(`${unit}: ${subtitle}`)}</text>`,
    ...names,
    ...levels.flat(),
    ...paths,
    ...times,
  ].join('\n');
}

/** The next number that is easy to read. */
function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function label(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
