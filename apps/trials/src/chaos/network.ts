import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

/** A network namespace, reached from this one over a pair of virtual Ethernet devices. */
export interface Network {
  readonly namespace: string;
  /** The end of the pair that is in this namespace. */
  readonly device: string;
  /** The other end, inside the namespace, with {@link address}. */
  readonly peer: string;
  readonly address: string;
}

/** What a network can do: made, or what keeps it from being made. */
export type NetworkOutcome = { readonly network: Network } | { readonly missing: string };

const run = promisify(execFile);

/** Makes one, if the machine and the rights allow it. */
export function makeNetwork(): NetworkOutcome {
  const mark = process.pid.toString(36);
  const subnet = `10.213.${process.pid % 250}`;
  const network: Network = {
    namespace: `kite-chaos-${mark}`,
    device: `kca${mark}`,
    peer: `kcb${mark}`,
    address: `${subnet}.2`,
  };
  const { namespace, device, peer, address } = network;
  try {
    ip('netns', 'add', namespace);
    ip('link', 'add', device, 'type', 'veth', 'peer', 'name', peer, 'netns', namespace);
    ip('addr', 'add', `${subnet}.1/30`, 'dev', device);
    ip('link', 'set', device, 'up');
    ip('-n', namespace, 'addr', 'add', `${address}/30`, 'dev', peer);
    ip('-n', namespace, 'link', 'set', peer, 'up');
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    return { network };
  } catch (error) {
    removeNetwork(network);
    return { missing: reasonOf(error) };
  }
}

/** Why `tc` cannot add delay and loss to it; undefined: it can. */
export function netemMissing({ device }: Network): string | undefined {
  try {
    execFileSync('tc', ['qdisc', 'add', 'dev', device, 'root', 'netem', 'delay', '1ms'], { stdio: 'pipe' });
    execFileSync('tc', ['qdisc', 'del', 'dev', device, 'root'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Delays and drops what the client sends and acknowledges, as `netem` says; undefined: stops. */
export async function impair({ device }: Network, netem: readonly string[] | undefined): Promise<void> {
  const how = netem ? ['replace', 'dev', device, 'root', 'netem', ...netem] : ['del', 'dev', device, 'root'];
  await run('tc', ['qdisc', ...how]);
}

/** While it is down nothing passes, and neither side is informed. */
export async function setLink({ namespace, peer }: Network, state: 'up' | 'down'): Promise<void> {
  await run('ip', ['-n', namespace, 'link', 'set', peer, state]);
}

/** This removes its devices too. */
export function removeNetwork({ namespace, device }: Network): void {
  for (const args of [
    ['link', 'del', device],
    ['netns', 'del', namespace],
  ])
    try {
      ip(...args);
    } catch {
      // It was never made, or is gone.
    }
}

/** A command that runs in its namespace. */
export function commandIn(
  network: Network | undefined,
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  return network ? ['ip', 'netns', 'exec', network.namespace, ...command] : command;
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}

function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: Buffer; message: string };
  const text = stderr?.toString().trim() ?? '';
  return (text === '' ? message : text).split('\n')[0]!;
}
