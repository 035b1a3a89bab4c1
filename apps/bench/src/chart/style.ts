/** The colours and types of every chart, light and dark by the reader's preference. */
const STYLE = `
  svg { font-family: system-ui, sans-serif; background: #ffffff; }
  .title { font-size: 16px; font-weight: 600; fill: #1f2328; }
  .subtitle { font-size: 12px; fill: #59636e; }
  .name, .value { font-size: 13px; fill: #1f2328; }
  .value { font-variant-numeric: tabular-nums; }
  .axis { stroke: #d1d9e0; }
  .ours { fill: #0f766e; }
  .other { fill: #9aa4af; }
  .line { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
  .first { stroke: #0f766e; }
  .second { stroke: #b45309; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; }
    .title, .name, .value { fill: #f0f6fc; }
    .subtitle { fill: #9198a1; }
    .axis { stroke: #3d444d; }
    .ours { fill: #2dd4bf; }
    .other { fill: #656c76; }
    .first { stroke: #2dd4bf; }
    .second { stroke: #fbbf24; }
  }`;

/** A document of these parts. */
export function svg(width: number, height: number, title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** Text escaped for a document. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
