/** The colours of the chart: a canvas cannot use style sheets. */
export interface ChartColours {
  readonly text: string;
  readonly line: string;
  readonly crosshair: string;
  readonly label: string;
  readonly up: string;
  readonly down: string;
  readonly volumeUp: string;
  readonly volumeDown: string;
  readonly gap: string;
}

/** Reads the style sheet's custom properties, with their current values for this element. */
export function chartColours(near: HTMLElement): ChartColours {
  // A custom property is text; only a real property resolves `light-dark()` to a colour.
  const probe = document.createElement('span');
  near.append(probe);
  const resolved = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    text: resolved('--muted'),
    line: resolved('--chart-line'),
    crosshair: resolved('--faint'),
    label: resolved('--chart-label'),
    up: resolved('--up'),
    down: resolved('--down'),
    volumeUp: resolved('--volume-up'),
    volumeDown: resolved('--volume-down'),
    gap: resolved('--stale'),
  };
  probe.remove();
  return colours;
}
