import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  CrosshairMode,
  type HistogramData,
  HistogramSeries,
  type IPriceLine,
  LineStyle,
  type SeriesMarker,
  TickMarkType,
  type Time,
  type UTCTimestamp,
  type WhitespaceData,
} from 'lightweight-charts';
import type { Bar } from '@kite/bars';

import { type ChartColours, chartColours } from './chart-colours.js';
import { ChartLegend } from './chart-legend.js';
import { byId } from './dom.js';
import * as format from './format.js';
import type { Gap } from './gap.js';
import type { Quote } from './quote.js';

/** Candles and volume of one instrument, its previous close, and marks for gaps. */
export class PriceChart {
  readonly #container = byId('chart', HTMLElement);
  readonly #chart = createChart(this.#container, {
    autoSize: true,
    // The line under the chart replaces it, and needs no style element in the page.
    layout: { attributionLogo: false, background: { color: 'transparent' }, fontSize: 11 },
    crosshair: { mode: CrosshairMode.Normal },
    rightPriceScale: {
      borderVisible: false,
      entireTextOnly: true,
      scaleMargins: { top: 0.08, bottom: 0.24 },
    },
    timeScale: {
      borderVisible: false,
      timeVisible: true,
      secondsVisible: true,
      rightOffset: 4,
      barSpacing: 9,
      tickMarkFormatter: tickMark,
    },
    localization: { timeFormatter: (time: Time) => format.clockTime(millisecondsOf(time)) },
  });
  readonly #candles = this.#chart.addSeries(CandlestickSeries, { borderVisible: false });
  readonly #volume = this.#chart.addSeries(HistogramSeries, {
    priceScaleId: 'volume',
    priceFormat: { type: 'volume' },
    lastValueVisible: false,
    priceLineVisible: false,
  });
  readonly #legend = new ChartLegend();
  readonly #markers = createSeriesMarkers<Time>(this.#candles);
  #colours!: ChartColours;
  #quote: Quote | undefined;
  #seconds = 0;
  #gaps: readonly Gap[] = [];
  /** The last drawn bar, Unix seconds. */
  #drawnUpTo = -Infinity;
  /** The bar under the pointer, Unix seconds. */
  #pointedAt: number | undefined;
  #closeLine: IPriceLine | undefined;
  #close: number | undefined;

  constructor() {
    this.#chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    this.#chart.subscribeCrosshairMove(({ time }) => {
      this.#pointedAt = time === undefined ? undefined : (time as UTCTimestamp);
      this.#describe();
    });
    this.recolour();
  }

  /** Draws this instrument from its beginning, with bars of this many seconds. */
  show(quote: Quote, seconds: number, gaps: readonly Gap[]): void {
    this.#quote = quote;
    this.#seconds = seconds;
    this.#gaps = gaps;
    this.#chart.applyOptions({
      timeScale: { secondsVisible: seconds < 60 },
      localization: { priceFormatter: (value: number) => format.price(value, quote.instrumentToken) },
    });
    const decimals = format.priceDecimals(quote.instrumentToken);
    this.#candles.applyOptions({
      priceFormat: { type: 'price', precision: decimals, minMove: 10 ** -decimals },
    });
    const bars = quote.bars.all(seconds);
    this.#candles.setData(bars.map(candleOf));
    this.#volume.setData(bars.map((bar) => this.#columnOf(bar)));
    this.#drawnUpTo = bars.at(-1)?.start ?? -Infinity;
    this.#chart.timeScale().scrollToRealTime();
    this.#drawClose(quote);
    this.#mark();
    this.#describe();
  }

  /** Draws new data of the shown instrument. */
  update(): void {
    const quote = this.#quote;
    if (!quote) return;
    const drawnUpTo = this.#drawnUpTo;
    const bars = quote.bars.since(drawnUpTo, this.#seconds);
    for (const bar of bars) {
      this.#candles.update(candleOf(bar));
      this.#volume.update(this.#columnOf(bar));
      this.#drawnUpTo = bar.start;
    }
    this.#drawClose(quote);
    // Marks belong to bars, so only a new bar can bring a new mark.
    if (this.#drawnUpTo > drawnUpTo) this.#mark();
    if (bars.length > 0) this.#describe();
  }

  /** Applies the colours of the current theme. */
  recolour(): void {
    const colours = (this.#colours = chartColours(this.#container));
    const { text, line, up, down, crosshair } = colours;
    this.#chart.applyOptions({
      layout: { textColor: text, fontFamily: getComputedStyle(this.#container).fontFamily },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      crosshair: {
        vertLine: { color: crosshair, labelBackgroundColor: colours.label },
        horzLine: { color: crosshair, labelBackgroundColor: colours.label },
      },
    });
    this.#candles.applyOptions({ upColor: up, wickUpColor: up, downColor: down, wickDownColor: down });
    this.#closeLine?.applyOptions({ color: crosshair, axisLabelColor: colours.label });
    // Only up to the last drawn bar: update() adds the rest, and a series accepts nothing older than its last bar.
    const drawn = (this.#quote?.bars.all(this.#seconds) ?? []).filter(
      ({ start }) => start <= this.#drawnUpTo,
    );
    this.#volume.setData(drawn.map((bar) => this.#columnOf(bar)));
    this.#mark();
  }

  /** Marks the first bar after each gap. */
  #mark(): void {
    const bars = this.#gaps.length > 0 ? (this.#quote?.bars.all(this.#seconds) ?? []) : [];
    const markers = this.#gaps.flatMap(({ from, to }): SeriesMarker<Time>[] => {
      const after = bars.find(({ end }) => end > to);
      if (!after) return [];
      const { gap: color } = this.#colours;
      const text = `gap ${format.seconds(to - from)}`;
      return [{ time: timeOf(after), position: 'aboveBar', shape: 'circle', size: 0.6, color, text }];
    });
    this.#markers.setMarkers(markers);
  }

  /** No column without trades: an index has none at all. */
  #columnOf(bar: Bar): HistogramData | WhitespaceData {
    if (bar.volume === 0) return { time: timeOf(bar) };
    const { volumeUp, volumeDown } = this.#colours;
    return { time: timeOf(bar), value: bar.volume, color: bar.close < bar.open ? volumeDown : volumeUp };
  }

  #drawClose({ ohlc }: Quote): void {
    if (ohlc?.close === this.#close) return;
    this.#close = ohlc?.close;
    if (this.#closeLine) this.#candles.removePriceLine(this.#closeLine);
    this.#closeLine = undefined;
    if (!ohlc || ohlc.close === 0) return;
    this.#closeLine = this.#candles.createPriceLine({
      price: ohlc.close,
      title: 'prev. close',
      color: this.#colours.crosshair,
      axisLabelColor: this.#colours.label,
      lineWidth: 1,
      lineStyle: LineStyle.Dotted,
    });
  }

  #describe(): void {
    if (!this.#quote) return;
    const { symbol, bars, instrumentToken } = this.#quote;
    const last = bars.since(this.#drawnUpTo, this.#seconds).at(-1);
    this.#legend.paint(this.#barAt(this.#pointedAt) ?? last, instrumentToken);
    // A screen reader cannot read a canvas.
    this.#container.ariaLabel = last
      ? `${symbol}, candles of ${this.#seconds} seconds, last ${format.price(last.close, instrumentToken)}`
      : `${symbol}, no candles yet`;
  }

  #barAt(time: number | undefined): Bar | undefined {
    return time === undefined ? undefined : this.#quote?.bars.since(time * 1000, this.#seconds)[0];
  }
}

function candleOf(bar: Bar): { time: UTCTimestamp; open: number; high: number; low: number; close: number } {
  return { time: timeOf(bar), open: bar.open, high: bar.high, low: bar.low, close: bar.close };
}

function timeOf({ start }: Bar): UTCTimestamp {
  return (start / 1000) as UTCTimestamp;
}

function millisecondsOf(time: Time): number {
  return (time as UTCTimestamp) * 1000;
}

function tickMark(time: Time, type: TickMarkType): string {
  const at = millisecondsOf(time);
  if (type === TickMarkType.TimeWithSeconds) return format.clockTime(at);
  return type === TickMarkType.Time ? format.minuteTime(at) : format.dayOf(at);
}
