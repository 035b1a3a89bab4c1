import { oneOf, type OptionRule, optionRules } from '@kite/kit';
import { KiteInputError } from '@kite/protocol';

import { argumentRules } from '../argument.js';
import { checkRequired, inside, type RefusalCode } from '../nested-options.js';
import { DEFAULT_NETWORK } from './delay.js';
import type { FaultAction, FaultKind } from './fault.js';

const { part, status, closeCode, closeReason, tokens } = argumentRules;
const number: OptionRule = { allowed: 'a finite number', accepts: Number.isFinite };
const from0: OptionRule = {
  allowed: 'a finite number from 0',
  accepts: (value) => Number.isFinite(value) && (value as number) >= 0,
};
const ms: OptionRule = { ...from0, allowed: 'a finite number of milliseconds from 0' };
const msOrNull: OptionRule = {
  allowed: `${ms.allowed}, or null for never`,
  accepts: (value) => value === null || ms.accepts(value),
};
const text: OptionRule = { allowed: 'a string', accepts: (value) => typeof value === 'string' };
const key: OptionRule = {
  allowed: 'a non-empty string',
  accepts: (value) => typeof value === 'string' && value !== '',
};
const index: OptionRule = {
  allowed: 'an integer from 0',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};
const who: OptionRule = {
  allowed: 'which connection, as an integer from 0, or an api key',
  accepts: (value) => index.accepts(value) || key.accepts(value),
};
/** The required and optional fields of a kind of fault. */
interface FaultRules {
  readonly must?: Readonly<Record<string, OptionRule>>;
  readonly may?: Readonly<Record<string, OptionRule>>;
}

const ofConnections: FaultRules = { may: { who } };
const forAWhile: FaultRules = { must: { forMs: ms } };
const ofAWorker: FaultRules = { may: { worker: index } };

const RULES: Readonly<Record<FaultKind, FaultRules>> = {
  drop: ofConnections,
  stall: { ...forAWhile, ...ofConnections },
  blackhole: ofConnections,
  close: { may: { who, code: closeCode, reason: closeReason } },
  cut: ofConnections,
  'cut-silently': { may: { who, serverNoticesAfterMs: msOrNull } },
  'half-open': ofConnections,
  clog: { ...forAWhile, may: { who, direction: oneOf('up', 'down', 'both') } },
  'slow-reader': { must: { forMs: ms, bytesPerSecond: from0 }, ...ofConnections },
  lag: { must: { forMs: ms, delayMs: ms }, ...ofConnections },
  refuse: {
    must: { count: optionRules.positiveInteger, status },
    may: { apiKey: key, body: text },
  },
  'slow-handshake': { must: { forMs: ms, delayMs: msOrNull } },
  restart: forAWhile,
  'expire-tokens': { may: { apiKey: key, loginAfterMs: ms } },
  login: { may: { apiKey: key } },
  'expire-instruments': { must: { tokens } },
  burst: { must: { ticks: optionRules.positiveInteger }, ...ofConnections },
  corrupt: { must: { forMs: ms, part }, ...ofConnections },
  truncate: { must: { forMs: ms, part }, ...ofConnections },
  'block-main': forAWhile,
  sleep: forAWhile,
  'jump-clock': { must: { byMs: number } },
  'drift-clock': { must: { ppm: number } },
  'crash-worker': ofAWorker,
  'hang-worker': ofAWorker,
  'block-worker': { ...forAWhile, ...ofAWorker },
  heal: {},
  order: { may: { apiKey: key, order: optionRules.object } },
};

const KIND = oneOf(...Object.keys(RULES));
const AT = { at: ms };
const NETWORK = Object.fromEntries(Object.keys(DEFAULT_NETWORK).map((name) => [name, ms]));

/** Checks a fault; the error names the wrong part. @throws KiteInputError `code` */
export function checkFaultAction(code: RefusalCode, action: FaultAction): void {
  check(code, action, {});
}

/** Checks a whole plan, perhaps from a file. @throws KiteInputError `code` */
export function checkFaultPlan(code: RefusalCode, plan: unknown): void {
  const faults: OptionRule = { allowed: 'an array of faults: { at, kind, … }', accepts: Array.isArray };
  checkRequired(code, plan, { faults, network: optionRules.object }, ['faults']);
  const { faults: list, network } = plan as { faults: readonly unknown[]; network?: unknown };
  if (network !== undefined) inside('network', () => checkNetwork(code, network));
  list.forEach((fault, at) => inside(`faults[${at}]`, () => check(code, fault, AT)));
}

/** @throws KiteInputError `code` */
export function checkNetwork(code: RefusalCode, network: unknown): void {
  checkRequired(code, network, NETWORK, []);
}

function check(code: RefusalCode, fault: unknown, also: Readonly<Record<string, OptionRule>>): void {
  const kind = typeof fault === 'object' && fault !== null && 'kind' in fault ? fault.kind : undefined;
  if (!KIND.accepts(kind)) {
    const isFault = typeof fault === 'object' && fault !== null;
    throw new KiteInputError(code, {
      field: isFault ? 'kind' : 'options',
      value: isFault ? kind : fault,
      allowed: isFault ? KIND.allowed : 'a fault: { kind, … }',
    });
  }
  const { must = {}, may = {} } = RULES[kind as FaultKind];
  checkRequired(code, fault, { kind: KIND, ...also, ...must, ...may }, Object.keys({ ...also, ...must }));
}
