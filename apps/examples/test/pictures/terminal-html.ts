import type { Cell } from '../support/fake-terminal.js';

const GROUND = '#11151a';
const TEXT = '#d7dade';
/** The eight colours of a terminal, and their bright ones. */
const PALETTE = [
  ...['#11151a', '#f2646f', '#48c78e', '#e9b566', '#6ea8fe', '#c58af9', '#56c8d8', '#d7dade'],
  ...['#7a828c', '#ff8088', '#6fe0ad', '#f5cd8a', '#93c0ff', '#dcb0ff', '#86dfec', '#ffffff'],
];

/** A terminal's screen as a page with one `pre`. */
export function htmlOf(lines: readonly (readonly Cell[])[]): string {
  const text = lines.map((line) => line.map(spanOf).join('')).join('\n');
  const font = "15px/1.2 'DejaVu Sans Mono', 'Liberation Mono', monospace";
  return (
    `<!doctype html><meta charset="utf-8"><body style="margin:0;background:${GROUND}">` +
    `<pre style="display:inline-block;margin:0;padding:12px 16px;font:${font};background:${GROUND};color:${TEXT}">${text}</pre>`
  );
}

function spanOf({ text, colour, isBold, isDim, isInverse }: Cell): string {
  const own = colour === undefined ? TEXT : (PALETTE[colour] ?? TEXT);
  const styles = [
    ...(isInverse ? [`background:${own}`, `color:${GROUND}`] : own === TEXT ? [] : [`color:${own}`]),
    ...(isBold ? ['font-weight:bold'] : []),
    ...(isDim ? ['opacity:0.6'] : []),
  ];
  const escaped = text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return styles.length === 0 ? escaped : `<span style="${styles.join(';')}">${escaped}</span>`;
}
