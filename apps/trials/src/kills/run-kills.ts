import { accountId } from '../client/client.js';
import { Arrivals } from '../oracle/arrivals.js';
import { MergedStates } from '../oracle/merged-states.js';
import { Pauses } from '../oracle/pauses.js';
import { TickKeys } from '../oracle/tick-keys.js';
import { apiKeyOf, type Plan } from '../plan/plan.js';
import { Program } from '../run/program.js';
import { forgetSlots, stopAndLook } from '../run/stops.js';
import { TrialSystem } from '../run/trial-system.js';
import { countKills, type KillCounts, type Outage } from './kill-counts.js';
import { type KillOptions, planOfKills } from './kill-plan.js';

/** How long it takes after the last kill until every account is back, in milliseconds. */
const SETTLE_MS = 30_000;

/** The longest a message is under way, in milliseconds: nothing delays any. */
const LONGEST_WAY_MS = 1000;

/** Kills accounts under load in virtual time, and counts what became of what the others brought. */
export async function runKills(options: KillOptions): Promise<KillCounts> {
  forgetSlots();
  const plan = planOfKills(options);
  const system = new TrialSystem(plan);
  const program = new Program(system);
  const { day, logins, wire, consumers } = system;
  const [consumer] = consumers;
  consumer!.open();
  program.start();
  for (const action of plan.actions) program.do(action);
  await day.run(plan.lengthMs);
  day.simulator.heal();
  await day.run(SETTLE_MS);
  day.simulator.setTicksPerSecond(0);
  await day.run(LONGEST_WAY_MS);
  await stopAndLook(system, program, consumers);
  await day.stop();
  const { sent } = day.simulator;
  const arrivals = new Arrivals(wire.sockets, sent, day.startsAt);
  const facts = {
    sent: new MergedStates(sent, day.startsAt, (apiKey) => logins.idOf(apiKey), arrivals),
    wire,
    arrivals,
    wanted: program.wanted,
    asked: program.asked,
    keys: new TickKeys(),
    pauses: new Pauses([]),
    longestWayMs: LONGEST_WAY_MS,
    hasWorkers: system.scenario.worker,
  };
  const counts = countKills(consumer!.records[0]!, facts, outagesOf(plan, system));
  return { ...counts, failures: [...system.failures, ...counts.failures] };
}

/** From each kill until a socket of the account opens. */
function outagesOf({ seed, accounts, faults }: Plan, { wire, now }: TrialSystem): Outage[] {
  return accounts.flatMap((_, account) => {
    const apiKey = apiKeyOf(seed, account);
    const opened = wire.sockets
      .filter((socket) => socket.apiKey === apiKey)
      .map(({ openedAt }) => openedAt ?? Infinity);
    return faults.faults
      .filter((fault) => 'who' in fault && fault.who === apiKey)
      .map(({ at: from }) => ({
        account: accountId(account),
        from,
        to: Math.min(now, ...opened.filter((at) => at > from)),
      }));
  });
}
