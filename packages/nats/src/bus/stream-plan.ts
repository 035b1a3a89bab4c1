import { KiteError } from '@kite/protocol';

import type { Subjects } from '../wire/subjects.js';

/** How the ticks are kept. */
export interface StreamOptions {
  /**
   * How long ticks are kept, in milliseconds. An instrument without a tick for longer has no last tick for programs that
   * subscribe to it. Default: a day.
   */
  maxAge?: number | undefined;
  /** Where ticks are kept. Default: `file`. */
  storage?: 'file' | 'memory' | undefined;
}

/** The settings of a stream that matter here, under JetStream's names; durations in nanoseconds. */
export interface StreamSettings {
  subjects: string[];
  storage: 'file' | 'memory';
  max_age: number;
  max_msgs_per_subject: number;
  allow_direct: boolean;
  duplicate_window?: number;
}

/** How a stream is created, and the settings an existing one must share. */
export interface StreamPlan {
  readonly name: string;
  readonly settings: StreamSettings;
  readonly required: readonly (keyof StreamSettings)[];
}

const NANOS = 1_000_000;
const DAY_MS = 86_400_000;
/** Two collectors, or a restarted one, may store an order again within this time. */
const DUPLICATES_MS = 600_000;

/** The streams: the day's ticks, which include the last one of each instrument, and orders. */
export function streamPlans(subjects: Subjects, options: StreamOptions): StreamPlan[] {
  const names = subjects.streams;
  const given = (['max_age', 'storage'] as const).filter(
    (_, index) => [options.maxAge, options.storage][index] !== undefined,
  );
  return [
    {
      name: names.ticks,
      settings: {
        subjects: [subjects.allTicks],
        storage: options.storage ?? 'file',
        max_age: (options.maxAge ?? DAY_MS) * NANOS,
        max_msgs_per_subject: -1,
        allow_direct: true,
      },
      // The operator decides about everything that was not asked for.
      required: ['subjects', 'max_msgs_per_subject', 'allow_direct', ...given],
    },
    {
      name: names.orders,
      settings: {
        subjects: [subjects.allOrders],
        storage: 'file',
        max_age: 7 * DAY_MS * NANOS,
        max_msgs_per_subject: -1,
        allow_direct: true,
        duplicate_window: DUPLICATES_MS * NANOS,
      },
      required: ['subjects', 'max_msgs_per_subject'],
    },
  ];
}

/** @throws KiteError `KITE_NATS_STREAM_MISMATCH` if an existing stream is not as planned; it names the setting */
export function checkStream({ name, settings, required }: StreamPlan, found: Partial<StreamSettings>): void {
  for (const field of required) {
    const value = shown(field, found);
    const allowed = shown(field, settings);
    if (value === allowed) continue;
    throw new KiteError(
      'KITE_NATS_STREAM_MISMATCH',
      `the stream ${name} exists, and its ${field} is ${value}; needed: ${allowed}`,
      { field: `${name}.${field}`, value, allowed },
    );
  }
}

function shown(field: keyof StreamSettings, settings: Partial<StreamSettings>): string {
  if (field === 'subjects') return settings.subjects?.join(', ') ?? 'none';
  return String(settings[field] ?? 'none');
}
