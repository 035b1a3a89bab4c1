// A step of `npm run nightly`: the packages that promise it in Bun, Deno and the newest Node, as they are built. Builds
// them, and runs one program in each runtime beside a simulator.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { nx, root } from '../nx.mjs';
import { tool } from '../release-check/toolchains.mjs';

const RUN_MS = 60_000;

/** @type {readonly { name: 'bun' | 'deno' | 'node', version: string, flags: string[] }[]} */
const RUNTIMES = [
  { name: 'bun', version: '1.4.5', flags: [] },
  { name: 'deno', version: '2.9.6', flags: ['run', '--allow-all', '--node-modules-dir=manual'] },
  { name: 'node', version: '24', flags: [] },
];

execFileSync(process.execPath, [nx, 'run-many', '-t', 'build', '-p', 'packages/*'], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
});
const { startSimulator } = await import('@kite/simulator');
const simulator = await startSimulator();
const folder = mkdtempSync(path.join(tmpdir(), 'kite-runtimes-'));
try {
  for (const { name, version, flags } of RUNTIMES) {
    const { label, program } = tool(name, version);
    const file = path.join(root, 'tools/runtimes/program.mjs');
    const args = [...flags, file, simulator.url, simulator.httpUrl, path.join(folder, name)];
    try {
      const { stdout } = await promisify(execFile)(program, args, { cwd: root, timeout: RUN_MS });
      const wrong = Object.entries(JSON.parse(stdout)).flatMap(([fact, isRight]) => (isRight ? [] : [fact]));
      if (wrong.length > 0) throw new Error(`not as expected: ${wrong.join(', ')}`);
      console.log(`  ok    ${name} ${label}`);
    } catch (error) {
      console.log(`  FAIL  ${name} ${label}: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
} finally {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
}
