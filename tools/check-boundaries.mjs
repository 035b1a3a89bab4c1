// Holds the lint rules to account that keep the layers apart and time and chance outside: each must report a
// file that breaks it. A rule that is misconfigured, or reads no project graph, reports nothing and fails here.
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const boundaries = '@nx/enforce-module-boundaries';

/**
 * `reports` null: the code is right where it is, and no rule of these may say otherwise.
 * @type {{ file: string, code: string, reports: string | null }[]}
 */
const cases = [
  { file: 'packages/protocol/src/x.ts', code: "import '@kite/raw';", reports: boundaries },
  { file: 'packages/protocol/src/x.ts', code: "import 'ws';", reports: boundaries },
  { file: 'packages/raw/src/x.ts', code: "import '@kite/connection';", reports: boundaries },
  { file: 'packages/raw/src/x.ts', code: "import '@kite/protocol';", reports: null },
  { file: 'packages/raw/src/x.ts', code: "import '../../protocol/src/index.js';", reports: boundaries },
  { file: 'packages/calendar/src/x.ts', code: "import '@kite/raw';", reports: boundaries },
  { file: 'packages/bars/src/x.ts', code: "import '@kite/calendar';", reports: null },
  { file: 'packages/bars/src/x.ts', code: "import '@kite/manager';", reports: boundaries },
  { file: 'packages/calendar/src/x.ts', code: 'Date.now();', reports: 'no-restricted-properties' },
  { file: 'packages/instruments/src/x.ts', code: "import '@kite/protocol';", reports: null },
  { file: 'packages/instruments/src/x.ts', code: "import '@kite/raw';", reports: boundaries },
  { file: 'packages/connection/src/x.ts', code: "import '@kite/simulator';", reports: boundaries },
  { file: 'packages/protocol/src/x.ts', code: "import '@kite/kit';", reports: null },
  { file: 'apps/examples/src/x.ts', code: "import '@kite/kit';", reports: boundaries },
  { file: 'apps/trials/src/x.ts', code: "import '@kite/kit';", reports: null },
  { file: 'apps/trials/src/x.ts', code: "import '@kite/testkit';", reports: null },
  { file: 'packages/kit/src/x.ts', code: "import '@kite/protocol';", reports: boundaries },
  { file: 'packages/connection/src/x.ts', code: "import '@kite/testkit';", reports: boundaries },
  { file: 'packages/protocol/test/x.test.ts', code: "import '@kite/testkit';", reports: null },
  { file: 'packages/multi-api/src/x.ts', code: "import '@kite/connection';", reports: null },
  { file: 'packages/connection/src/x.ts', code: "import '@kite/raw';", reports: null },
  { file: 'packages/connection/test/x.test.ts', code: "import '@kite/simulator';", reports: null },
  { file: 'packages/raw/test/x.test.ts', code: "import '@kite/simulator';", reports: boundaries },
  { file: 'packages/connection/src/x.ts', code: "import '@kite/manager';", reports: boundaries },
  { file: 'packages/manager/src/x.ts', code: "import '@kite/connection';", reports: null },
  { file: 'packages/manager/src/x.ts', code: "import '@kite/multi-api';", reports: boundaries },
  { file: 'packages/manager/src/threads/x.ts', code: "import '@kite/simulator';", reports: boundaries },
  { file: 'packages/manager/test/x.test.ts', code: "import '@kite/simulator';", reports: null },
  { file: 'packages/multi-api/src/x.ts', code: "import '@kite/manager';", reports: null },
  { file: 'packages/multi-api/src/x.ts', code: "import '@kite/simulator';", reports: boundaries },
  { file: 'packages/multi-api/test/x.test.ts', code: "import '@kite/simulator';", reports: null },
  { file: 'packages/nats/src/x.ts', code: "import '@kite/connection';", reports: null },
  { file: 'packages/connection/src/x.ts', code: "import '@kite/nats';", reports: boundaries },
  { file: 'packages/simulator/src/x.ts', code: "import '@kite/connection';", reports: boundaries },
  { file: 'packages/simulator/src/x.ts', code: "import '@kite/calendar';", reports: null },
  { file: 'packages/simulator/src/x.ts', code: "import '@kite/instruments';", reports: boundaries },
  { file: 'packages/simulator/test/x.test.ts', code: "import '@kite/connection';", reports: boundaries },
  { file: 'packages/simulator/src/x.ts', code: "import '@kite/manager';", reports: boundaries },
  { file: 'packages/connection/src/x.ts', code: 'Date.now();', reports: 'no-restricted-properties' },
  { file: 'packages/connection/src/x.ts', code: 'Math.random();', reports: 'no-restricted-properties' },
  { file: 'packages/connection/src/x.ts', code: 'setTimeout(f, 1);', reports: 'no-restricted-globals' },
  { file: 'packages/connection/src/x.ts', code: 'new Date();', reports: 'no-restricted-syntax' },
  { file: 'packages/connection/src/x.ts', code: "import 'node:timers';", reports: 'no-restricted-imports' },
  { file: 'packages/connection/src/x.ts', code: 'console.log(1);', reports: 'no-console' },
  { file: 'packages/manager/src/threads/x.ts', code: 'performance.now();', reports: 'no-restricted-globals' },
  { file: 'packages/multi-api/src/x.ts', code: 'Math.random();', reports: 'no-restricted-properties' },
  { file: 'packages/kit/src/machine-clock.ts', code: 'Date.now();', reports: null },
  { file: 'packages/kit/src/x.ts', code: 'Date.now();', reports: 'no-restricted-properties' },
  { file: 'packages/simulator/src/cli.ts', code: 'console.log(Date.now());', reports: null },
];

const restricted = '@typescript-eslint/no-restricted-imports';

// The walls between the rooms of a package.
for (const [file, specifier, isWall] of /** @type {[string, string, boolean][]} */ ([
  ['connection/src/socket/x.ts', '../feed/hub.js', true],
  ['connection/src/socket/x.ts', '../channel/channel.js', true],
  ['connection/src/socket/x.ts', '../options.js', false],
  ['connection/src/socket/x.ts', '../ticker.js', true],
  ['connection/src/feed/x.ts', '../socket/machine.js', false],
  ['connection/src/feed/x.ts', '../channel/channel.js', true],
  ['connection/src/channel/x.ts', '../feed/gap.js', false],
  ['connection/src/channel/x.ts', '../seam.js', true],
  ['connection/src/ticker.ts', './channel/channel.js', false],
  ['instruments/src/list/x.ts', '../load/cache.js', true],
  ['instruments/src/load/x.ts', '../list/list-parser.js', false],
  ['manager/src/threads/main/x.ts', '../worker/outbox.js', true],
  ['manager/src/threads/main/x.ts', '../wire/messages.js', false],
  ['manager/src/threads/worker/x.ts', '../main/drain.js', true],
  ['manager/src/threads/wire/x.ts', '../main/drain.js', true],
  ['manager/src/threads/wire/x.ts', '../worker/outbox.js', true],
  ['manager/src/threads/main/x.ts', '../../manager.js', true],
  ['multi-api/src/feed/x.ts', '../accounts/account.js', true],
  ['multi-api/src/accounts/x.ts', '../feed/unified-feed.js', false],
  ['simulator/src/market/x.ts', '../server/session.js', true],
  ['nats/src/wire/x.ts', '../bus/bus.js', true],
  ['nats/src/bus/x.ts', '../publish/outbox.js', true],
  ['nats/src/publish/x.ts', '../subscribe/bus-feed.js', true],
  ['nats/src/publish/x.ts', '../wire/head.js', false],
  ['simulator/src/server/x.ts', '../market/market.js', false],
])) {
  const code = `import type { X } from '${specifier}';`;
  cases.push({ file: `packages/${file}`, code, reports: isWall ? restricted : null });
}

// A test has one name, and its folder says what it needs.
for (const [file, code, isRefused] of /** @type {[string, string, boolean][]} */ ([
  ['connection/test/pure/x.test.ts', "import { it } from 'vitest';", true],
  ['connection/test/socket/x.test.ts', "import { it } from 'vitest';", true],
  ['connection/test/pure/x.test.ts', "import { test } from 'vitest';", false],
  ['connection/test/pure/x.test.ts', "import { startSimulator } from '@kite/simulator';", true],
  ['connection/test/fake/x.test.ts', "import { WebSocketServer } from 'ws';", true],
  ['connection/test/socket/x.test.ts', "import { startSimulator } from '@kite/simulator';", false],
])) {
  cases.push({ file: `packages/${file}`, code, reports: isRefused ? restricted : null });
}

const ours = new Set(cases.flatMap(({ reports }) => reports ?? []));
const eslint = new ESLint({
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  // The files exist here alone, and no tsconfig knows them.
  overrideConfig: [
    { files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked },
    { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false } } },
  ],
});

let wrong = 0;
for (const { file, code, reports } of cases) {
  const [result] = await eslint.lintText(code, { filePath: file });
  const found = (result?.messages ?? []).filter(({ fatal, ruleId }) => fatal || ours.has(ruleId ?? ''));
  const right =
    reports === null
      ? found.length === 0
      : found.length > 0 && found.every(({ ruleId }) => ruleId === reports);
  if (right) continue;
  wrong += 1;
  const said = found.map(({ ruleId, message }) => `${ruleId}: ${message}`).join('; ') || 'nothing';
  console.error(`${file}: ${code}\n  should report ${reports ?? 'nothing'}, reported ${said}`);
}
console.log(`${cases.length - wrong} of ${cases.length} rules do their work`);
process.exitCode = wrong === 0 ? 0 : 1;
