import { KiteInputError } from '@kite/protocol';

import type { Plan } from './plan.js';

/** What is left of a drawn plan: which entries of each list, how many instruments, and for how long. */
export interface Reduction {
  readonly faults?: readonly number[];
  readonly actions?: readonly number[];
  readonly consumers?: readonly number[];
  readonly instruments?: number;
  readonly lengthMs?: number;
}

const LISTS = ['faults', 'actions', 'consumers'] as const;

/** The plan with what the reduction leaves. */
export function reduced(plan: Plan, reduction: Reduction): Plan {
  const pick = <T>(list: readonly T[], indexes: readonly number[] | undefined): readonly T[] =>
    indexes ? indexes.flatMap((index) => list[index] ?? []) : list;
  const instruments = plan.instruments.slice(0, reduction.instruments);
  const has = new Set(instruments);
  const lengthMs = reduction.lengthMs ?? plan.lengthMs;
  return {
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
      ),
    consumers: pick(plan.consumers, reduction.consumers),
  };
}

/** As one word of a command line: `faults=1,4;actions=0;instruments=2;length=60000`. */
export function toText(reduction: Reduction): string {
  return [
    ...LISTS.flatMap((list) => (reduction[list] ? [`${list}=${reduction[list].join(',')}`] : [])),
    ...(reduction.instruments === undefined ? [] : [`instruments=${reduction.instruments}`]),
    ...(reduction.lengthMs === undefined ? [] : [`length=${reduction.lengthMs}`]),
  ].join(';');
}

/** @throws KiteInputError `KITE_TRIALS_INVALID_OPTION` */
export function fromText(text: string): Reduction {
  const reduction: Record<string, unknown> = {};
  for (const part of text.split(';').filter((one) => one !== '')) {
    const [name = '', value = ''] = part.split('=');
    if (LISTS.some((list) => list === name))
      reduction[name] = value
        .split(',')
        .filter((one) => one !== '')
        .map(Number);
    else if (name === 'instruments') reduction['instruments'] = Number(value);
    else if (name === 'length') reduction['lengthMs'] = Number(value);
    else
      throw new KiteInputError('KITE_TRIALS_INVALID_OPTION', {
        field: 'only',
        value: part,
        allowed: 'faults=…;actions=…;consumers=…;instruments=…;length=…',
      });
  }
  return reduction;
}
