import { barsGroup } from './bars/bars-group.js';
import { busGroup } from './bus/bus-group.js';
import { allocationGroup } from './decode/allocation-group.js';
import { decodeGroup } from './decode/decode-group.js';
import { instrumentsGroup } from './instruments/instruments-group.js';
import { nativeGroup } from './native/native-group.js';
import { profileGroup } from './peers/profile-group.js';
import { receiveGroup } from './receive/receive-group.js';
import type { Table } from './report/figure.js';
import { forgottenGroup } from './resilience/forgotten-group.js';
import { resilienceGroup } from './resilience/resilience-group.js';
import { scaleGroup } from './scale/scale-group.js';
import { subscribersGroup } from './subscribers/subscribers-group.js';

/** How thoroughly to measure, and where to report progress. */
export interface Settings {
  /** Processes for each figure. */
  readonly restarts: number;
  /** Seconds that each figure under load is measured for. */
  readonly seconds: number;
  readonly note: (text: string) => void;
}

/** The groups that can be measured alone, in the order of a full run. */
export const GROUPS: Readonly<Record<string, (settings: Settings) => Promise<Table[]>>> = {
  decode: decodeGroup,
  allocation: allocationGroup,
  receive: receiveGroup,
  scale: scaleGroup,
  resilience: resilienceGroup,
  'forgotten-channel': forgottenGroup,
  instruments: instrumentsGroup,
  bars: barsGroup,
  subscribers: subscribersGroup,
  bus: busGroup,
  native: nativeGroup,
  profile: profileGroup,
};
