import { KiteInputError } from '@kite/protocol';

import { idleCut } from './idle.js';
import type { Plan } from './plan.js';

/** What is left of a drawn plan: which entries of each list, for how long, and how much time in which nothing happens. */
export interface Reduction {
  readonly faults?: readonly number[];
  readonly actions?: readonly number[];
  readonly consumers?: readonly number[];
  readonly instruments?: readonly number[];
  /** In the time of the drawn plan, before idle time is cut. */
  readonly lengthMs?: number;
  /** Stretches in which nothing happens are cut to this length. */
  readonly idleMs?: number;
}

/** The lists of a plan of which a part can be left, in the order of a command line. */
const LISTS = ['faults', 'actions', 'consumers', 'instruments'] as const;
/** The name of a list. */
export type ListName = (typeof LISTS)[number];

const NUMBERS = { length: 'lengthMs', idle: 'idleMs' } as const;

/** The plan with what the reduction leaves. */
export function reduced(plan: Plan, reduction: Reduction): Plan {
  const pick = <T>(list: readonly T[], indexes: readonly number[] | undefined): readonly T[] =>
    indexes ? indexes.flatMap((index) => list[index] ?? []) : list;
  const instruments = pick(plan.instruments, reduction.instruments);
  const has = new Set(instruments);
  const lengthMs = reduction.lengthMs ?? plan.lengthMs;
  const left: Plan = {
    ...plan,
    lengthMs,
    instruments,
    faults: {
      ...plan.faults,
      faults: pick(plan.faults.faults, reduction.faults).filter(({ at }) => at <= lengthMs),
    },
    actions: pick(plan.actions, reduction.actions)
      .filter(({ at }) => at <= lengthMs)
      .map((action) =>
        'tokens' in action ? { ...action, tokens: action.tokens.filter((token) => has.has(token)) } : action,
      )
      .filter((action) => !('tokens' in action) || action.tokens.length > 0),
    consumers: pick(plan.consumers, reduction.consumers).map((consumer) =>
      consumer.tokens ? { ...consumer, tokens: consumer.tokens.filter((token) => has.has(token)) } : consumer,
    ),
  };
  return reduction.idleMs === undefined ? left : idleCut(left, reduction.idleMs);
}

/** How many entries a list of a plan has. */
export function lengthOf(plan: Plan, list: ListName): number {
  return list === 'faults' ? plan.faults.faults.length : plan[list].length;
}

/** As one word of a command line: `faults=1,4;actions=0;instruments=0,3;length=60000;idle=1000`. */
export function toText(reduction: Reduction): string {
  return [
    ...LISTS.flatMap((list) => (reduction[list] ? [`${list}=${reduction[list].join(',')}`] : [])),
    ...Object.entries(NUMBERS).flatMap(([word, name]) =>
      reduction[name] === undefined ? [] : [`${word}=${reduction[name]}`],
    ),
  ].join(';');
}

/** @throws KiteInputError `KITE_TRIALS_INVALID_OPTION` */
export function fromText(text: string): Reduction {
  const reduction: Record<string, number | number[]> = {};
  for (const part of text.split(';').filter((one) => one !== '')) {
    const [name = '', value = ''] = part.split('=');
    const numbers = value
      .split(',')
      .filter((one) => one !== '')
      .map(Number);
    const isList = LISTS.some((list) => list === name);
    const isKnown = isList || (Object.hasOwn(NUMBERS, name) && numbers.length === 1);
    if (!isKnown || !numbers.every((number) => Number.isSafeInteger(number) && number >= 0))
      throw new KiteInputError('KITE_TRIALS_INVALID_OPTION', {
        field: 'only',
        value: part,
        allowed: 'faults=…;actions=…;consumers=…;instruments=…;length=…;idle=…, in whole numbers',
      });
    if (isList) reduction[name] = numbers;
    else reduction[NUMBERS[name as keyof typeof NUMBERS]] = numbers[0]!;
  }
  return reduction;
}
