import { buildGo, buildJava, buildPython, buildRust, type CommandOf } from './build.js';

/** A client in another language, with this bench's programs for it. */
export interface NativeClient {
  readonly name: string;
  /** Whether it always dials wss://ws.kite.trade. */
  readonly dialsKite: boolean;
  /** @throws if the language or its registry is not available */
  build(): Promise<CommandOf>;
}

export const CRATE: NativeClient = {
  name: 'kiteticker-async-manager 0.4.1 (Rust)',
  dialsKite: true,
  build: () => buildRust('kite-bench-crate'),
};

export const RUST: NativeClient = {
  name: 'kiteconnect 1.0.1 (Rust)',
  dialsKite: false,
  build: () => buildRust('kite-bench-official'),
};

export const GO: NativeClient = { name: 'gokiteconnect 4.4.0 (Go)', dialsKite: false, build: buildGo };

export const JAVA: NativeClient = { name: 'kiteconnect 3.5.1 (Java)', dialsKite: true, build: buildJava };

export const PYTHON: NativeClient = {
  name: 'kiteconnect 5.2.2 (Python)',
  dialsKite: false,
  build: buildPython,
};

/** Which clients can be run here, and why the others cannot. */
export interface Built {
  readonly commands: ReadonlyMap<NativeClient, CommandOf>;
  /** Reasons by name. */
  readonly missing: ReadonlyMap<string, string>;
}

/** Builds clients one after another. A failure does not stop the others. */
export async function buildAll(
  clients: readonly NativeClient[],
  note: (text: string) => void,
): Promise<Built> {
  const commands = new Map<NativeClient, CommandOf>();
  const missing = new Map<string, string>();
  for (const client of clients) {
    note(`building ${client.name}`);
    try {
      commands.set(client, await client.build());
    } catch (error) {
      missing.set(client.name, reasonOf(error));
    }
  }
  return { commands, missing };
}

/** The error in one line: the last line on stderr, else the first line of the message. */
export function reasonOf(error: unknown): string {
  const { stderr = '' } = error as { stderr?: string };
  const written = stderr.trim().split('\n').at(-1);
  if (written !== undefined && written !== '') return written;
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}

/** For the note of a table: why some of its rows are not measured. */
export function reasons(missing: ReadonlyMap<string, string>): string {
  return [...missing].map(([name, reason]) => ` Not measured: ${name}, ${reason}.`).join('');
}
