import { type Failure, RULES } from '../oracle/failure.js';
import type { Plan } from '../plan/plan.js';
import type { Verdict } from '../run/verdict.js';

/** `00:12:34.567` since the trial began. */
export function clockText(ms: number): string {
  return new Date(Math.max(0, Math.round(ms))).toISOString().slice(11, 23);
}

/** A breach in one line. */
export function failureText({ rule, at, consumer, instrument, text }: Failure): string {
  const who = [consumer, instrument === undefined ? undefined : `instrument ${instrument}`].filter(Boolean);
  return `${clockText(at)}  ${rule}: ${text}${who.length > 0 ? ` (${who.join(', ')})` : ''}`;
}

/** The verdict in lines, the rules that were broken in words. */
export function verdictText(
  plan: Plan,
  { failures, faults, ticks, virtualMs, cpuMs, hash }: Verdict,
): string[] {
  const rules = [...new Set(failures.map(({ rule }) => rule))];
  return [
    `${plan.scenario}, seed ${plan.seed}: ${failures.length === 0 ? 'no rule was broken' : `${failures.length} breaches`}`,
    `${clockText(virtualMs)} of virtual time, ${plan.instruments.length} instruments, ${faults} faults, ${ticks} ticks delivered, ${Math.round(cpuMs)} ms of CPU`,
    ...rules.map((rule) => `${rule}: ${RULES[rule]}`),
    `hash ${hash}`,
  ];
}
