import { colours } from './colours.js';
import type { Tone } from './event-log.js';
import type { Snapshot } from './live-market.js';
import { isSilent } from './streaming.js';

type Style = (text: string) => string;

/** The colour of good and of bad news. */
export const TONES: Readonly<Record<Tone, Style>> = {
  good: colours.green,
  bad: colours.red,
  warning: colours.yellow,
  neutral: (text) => text,
};

const HEALTH_STYLES: Readonly<Record<Snapshot['health']['status'], Style>> = {
  healthy: colours.bold.green,
  degraded: colours.bold.yellow,
  critical: colours.bold.red,
};

/** The colour of the health; a silent connection takes away the colour of good news. */
export function healthStyleOf({ health, connections }: Snapshot): Style {
  const hasSilent = connections.some(({ stats }) => isSilent(stats));
  return HEALTH_STYLES[health.status === 'healthy' && hasSilent ? 'degraded' : health.status];
}
