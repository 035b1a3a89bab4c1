import { checkOptions, type OptionRule, optionRules, textOf, Warnings, withMethods } from '@kite/kit';
import { KiteError, KiteInputError } from '@kite/protocol';

import { BUS_RULES, type BusOptions, openBus } from './bus/open-bus.js';
import { type DemandManager, DemandServer, LEASE_MS } from './demand/demand-server.js';
import { isName, NAME_FORM, Subjects } from './wire/subjects.js';

/** The options of `serveDemand`. */
export interface ServeDemandOptions extends BusOptions {
  /** Subscribes for programs: a manager of one account or of many. It is not started or stopped here. */
  manager: DemandManager;
  /** The first part of every subject, the same as the programs'. Default: `kite`. */
  prefix?: string | undefined;
  /** Called when the server is gone or demand cannot be read. Default: one process warning of each kind. */
  onIssue?: ((issue: KiteError) => void) | undefined;
}

const MANAGER: OptionRule = {
  allowed: 'a manager of one account or of many',
  accepts: (value) =>
    withMethods('subscriber').accepts(value) &&
    withMethods('monotonic').accepts((value as DemandManager).clock),
};
const { servers, nats } = BUS_RULES;
const RULES = {
  ...{ servers, nats, manager: MANAGER, onIssue: optionRules.function },
  prefix: { allowed: NAME_FORM, accepts: isName },
} satisfies Record<keyof ServeDemandOptions, OptionRule>;

/**
 * Subscribes a manager to what programs on the bus want: the union, each instrument in the highest mode any program
 * wants. The manager's own calls keep working. A program's demand ends with the program, at the latest 10 s after its
 * last sign of life. A demand beyond the free capacity fails for the program that stated it last, with the error of the
 * manager's own call.
 *
 * Resolves when the demand bucket exists; creates it if missing. Rejects with `KITE_NATS_INVALID_OPTION`,
 * `KITE_NATS_UNREACHABLE`, `KITE_NATS_CLOSED`, `KITE_NATS_SERVER_TOO_OLD`, `KITE_NATS_NO_JETSTREAM` or
 * `KITE_NATS_STREAM_FAILED`; then nothing is left open.
 */
export async function serveDemand(options: ServeDemandOptions): Promise<DemandServer> {
  checkOptions(KiteInputError, 'KITE_NATS_INVALID_OPTION', options, RULES);
  const { manager, onIssue } = options;
  if ((manager as unknown) === undefined)
    throw new KiteInputError('KITE_NATS_INVALID_OPTION', {
      ...{ field: 'manager', value: undefined, allowed: MANAGER.allowed },
    });
  const subjects = new Subjects(options.prefix);
  const bus = await openBus(options, 'kite demand');
  const openLeases = () => bus.leases(subjects.demandBucket, { createdWithTtlMs: LEASE_MS });
  try {
    await openLeases();
  } catch (error) {
    await bus.close();
    throw error;
  }
  const warnings = new Warnings();
  return new DemandServer({
    ...{ manager, bus, subjects, openLeases },
    onIssue: (code, message, cause) => {
      try {
        if (onIssue) onIssue(new KiteError(code, message, { cause }));
        else warnings.warn(code, message, code);
      } catch (error) {
        warnings.warn('onIssue', `onIssue failed: ${textOf(error)}`, code);
      }
    },
  });
}
