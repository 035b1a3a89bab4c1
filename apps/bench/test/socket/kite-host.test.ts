import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

import { KITE_HOST, KiteHost } from '../../src/native/kite-host.js';

const run = promisify(execFile);

/** It takes root on Linux, which not every machine gives. */
const host = await KiteHost.create('127.0.0.9').catch((error: unknown) => String(error));

test.skipIf(typeof host === 'string')(
  `only the command that is given has another address for ${KITE_HOST}, and nothing of it is left${
    typeof host === 'string' ? ` (${host})` : ''
  }`,
  async () => {
    if (typeof host === 'string') return;
    const before = readFileSync('/etc/hosts', 'utf8');
    const certificate = host.env['SSL_CERT_FILE']!;
    const [program, ...args] = host.command(['cat', '/etc/hosts']);
    const { stdout } = await run(program!, args);
    expect(stdout).toContain(`127.0.0.9 ${KITE_HOST}\n`);
    expect(readFileSync('/etc/hosts', 'utf8')).toBe(before);
    expect(existsSync(certificate)).toBe(true);
    host[Symbol.dispose]();
    expect(existsSync(certificate)).toBe(false);
  },
);
