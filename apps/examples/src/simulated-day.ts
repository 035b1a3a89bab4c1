/**
 * A trading day in half a minute: the server, its market, the network and this program in one process and one virtual
 * clock.
 *
 * The code here cannot tell that it is not real: `day.options` supplies the time, the random numbers and the sockets.
 * The same seed prints the same day, to the last digit of its hash.
 */
import { KiteTickerManager } from '@kite/manager';
import { simulateDay } from '@kite/simulator';

import { count } from './kit/format.js';
import { Lifetime } from './kit/lifetime.js';
import { program } from './kit/program.js';
import { type Arguments, parseArguments } from './simulated-day/arguments.js';
import { DAY_BEGINS, PLANNED_FAULTS } from './simulated-day/planned-faults.js';

const HALF_HOUR_MS = 1_800_000;
const IST_OFFSET_MS = 19_800_000;

await program(() => main(parseArguments(process.argv.slice(2))));

async function main({ seed, instruments, faults, until, seconds }: Arguments): Promise<void> {
  using lifetime = new Lifetime(seconds);
  const begun = process.cpuUsage();
  await using day = simulateDay({
    seed,
    instruments,
    faults: faults === 'planned' ? PLANNED_FAULTS : faults,
    from: DAY_BEGINS,
    to: until,
  });
  const manager = new KiteTickerManager({
    ...day.options,
    apiKey: 'key',
    // Called before each connect: the newest token, which is yesterday's until someone logs in.
    accessToken: () => day.accessTokenOf('key'),
  });

  const say = (text: string) => console.log(`${timeInIndia(day.now)}  ${text}`);
  manager.on('health', ({ status, reasons }) => say([status, ...reasons].join('; ')));
  manager.on('order', ({ order }) => say(`order ${order.order_id}: ${order.status}`));
  manager.on('gap', ({ channelId, from, to, reason, instrumentTokens }) =>
    say(
      `gap of ${((to - from) / 1000).toFixed(1)} s on connection ${channelId + 1}, ` +
        `${instrumentTokens ? `for ${instrumentTokens.length} instruments` : 'for all that it holds'}: ${reason}`,
    ),
  );
  day.onLogin(() => say('somebody logs in: there is a new access token'));

  let delivered = 0;
  const reading = (async () => {
    for await (const { ticks } of manager.ticks()) delivered += ticks.length;
  })();
  let sentBefore = 0;
  day.simulator.on('close', ({ connection }) => (sentBefore += connection.counters.ticksSent));
  const sent = () =>
    day.simulator.connections.reduce((sum, { counters }) => sum + counters.ticksSent, sentBefore);

  await day.runUntil(manager.start({ keepTrying: true }));
  const tokens = day.simulator.instruments.map(({ instrumentToken }) => instrumentToken);
  await day.runUntil(manager.subscribeSymbols(tokens));
  say(`${count(instruments)} instruments, seed ${seed}`);

  const moments = day.plan.faults.map(({ at, ...fault }) => ({
    at,
    tell: () => `fault: ${JSON.stringify(fault)}`,
  }));
  for (let at = HALF_HOUR_MS; at <= day.endsAt - day.startsAt; at += HALF_HOUR_MS)
    moments.push({ at, tell: () => `${count(sent())} ticks sent, ${count(delivered)} delivered` });
  moments.sort((a, b) => a.at - b.at);

  // Time passes only in here. Ctrl-C ends it.
  const passUntil = (at: number) => day.runUntil(() => lifetime.signal.aborted, Math.max(0, at - day.now));
  for (const { at, tell } of moments) {
    await passUntil(Math.min(day.startsAt + at, day.endsAt));
    if (day.startsAt + at <= day.now) say(tell());
  }
  await passUntil(day.endsAt);
  const passed = day.now - day.startsAt;
  await day.runUntil(manager.stop());
  await day.runUntil(reading);

  const { user, system } = process.cpuUsage(begun);
  console.log(`ticks sent       ${count(sent())}`);
  console.log(`ticks delivered  ${count(delivered)}`);
  console.log(`virtual time     ${(passed / 3_600_000).toFixed(2)} h`);
  console.log(`CPU time         ${((user + system) / 1e6).toFixed(1)} s`);
  console.log(`hash             ${day.trace.hash}`);
}

function timeInIndia(at: number): string {
  return new Date(at + IST_OFFSET_MS).toISOString().slice(11, 23);
}
