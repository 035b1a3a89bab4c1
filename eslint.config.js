import eslint from '@eslint/js';
import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import simpleImportSort from 'eslint-plugin-simple-import-sort';
import jsoncParser from 'jsonc-eslint-parser';
import tseslint from 'typescript-eslint';

// The boundary rule reads a cached project graph and, in a clone that has none yet, silently allows
// everything. So the graph is made here, for each way to run ESLint: Nx, an editor or a bare `npx eslint`.
await createProjectGraphAsync({ exitOnError: false, resetDaemonClient: true });

/** From the bottom up. A layer may import from the layers below it, and from nothing else in `packages`. */
const layers = ['layer:0', 'layer:1', 'layer:2', 'layer:3', 'layer:4', 'layer:5'];

const layerConstraints = layers.map((sourceTag, height) => ({
  sourceTag,
  // The kit is bundled into each package that uses it.
  onlyDependOnLibsWithTags: ['kit', ...layers.slice(0, height)],
  // Protocol and raw run anywhere, and bring nothing along.
  ...(height < 2 ? { bannedExternalImports: ['*'] } : {}),
}));

const sourceConstraints = [
  { sourceTag: 'kit', onlyDependOnLibsWithTags: [], bannedExternalImports: ['*'] },
  { sourceTag: 'testkit', onlyDependOnLibsWithTags: [] },
  ...layerConstraints,
  { sourceTag: 'simulator', onlyDependOnLibsWithTags: ['kit', 'layer:0', 'calendar'] },
  // Programs to copy from: they use what their readers can install.
  { sourceTag: 'app', onlyDependOnLibsWithTags: [...layers, 'simulator'] },
  // A program of tests.
  { sourceTag: 'trials', onlyDependOnLibsWithTags: ['kit', ...layers, 'simulator', 'testkit'] },
];

/** Tests may use what the sources may, the simulator from layer 2 on, and any development tool. */
const testConstraints = [
  { sourceTag: 'kit', onlyDependOnLibsWithTags: ['kit', 'testkit'] },
  { sourceTag: 'testkit', onlyDependOnLibsWithTags: ['testkit'] },
  ...layers.map((sourceTag, height) => ({
    sourceTag,
    onlyDependOnLibsWithTags: [
      'kit',
      'testkit',
      ...layers.slice(0, height + 1),
      ...(height < 2 ? [] : ['simulator']),
    ],
  })),
  {
    sourceTag: 'simulator',
    onlyDependOnLibsWithTags: ['kit', 'testkit', 'layer:0', 'calendar', 'simulator'],
  },
  { sourceTag: 'app', onlyDependOnLibsWithTags: [...layers, 'simulator', 'testkit', 'app'] },
  { sourceTag: 'trials', onlyDependOnLibsWithTags: ['kit', ...layers, 'simulator', 'testkit', 'trials'] },
];

/** Each package has its own config files, and all call these. */
const PRESETS = ['../../tools/tsup-preset.js', '../../tools/vitest-preset.js'];

/** What reads the arguments of the repository's own commands. */
const COMMAND_LINE = '../../../tools/command-line.mjs';

/** @param {readonly object[]} depConstraints */
const boundaries = (depConstraints, options = {}) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    {
      depConstraints,
      banTransitiveDependencies: true,
      allow: [...PRESETS, COMMAND_LINE],
      ...options,
    },
  ],
});

/**
 * The rooms of a package, and the rooms that each one knows nothing of. No room knows the files of `src` that put the
 * rooms together.
 */
const walls = [
  { package: 'connection', room: 'socket', unknown: ['feed', 'channel'] },
  { package: 'connection', room: 'feed', unknown: ['channel'] },
  { package: 'connection', room: 'channel', unknown: [] },
  { package: 'instruments', room: 'list', unknown: ['query', 'load'] },
  { package: 'instruments', room: 'query', unknown: ['load'] },
  { package: 'instruments', room: 'load', unknown: ['query'] },
  { package: 'manager', room: 'threads/main', unknown: ['worker'] },
  { package: 'manager', room: 'threads/worker', unknown: ['main'] },
  { package: 'manager', room: 'threads/wire', unknown: ['main', 'worker'] },
  { package: 'multi-api', room: 'feed', unknown: ['accounts'] },
  { package: 'multi-api', room: 'accounts', unknown: [] },
  { package: 'nats', room: 'wire', unknown: ['bus', 'publish', 'subscribe', 'demand'] },
  { package: 'nats', room: 'bus', unknown: ['publish', 'subscribe', 'demand'] },
  { package: 'nats', room: 'publish', unknown: ['subscribe', 'demand'] },
  { package: 'nats', room: 'subscribe', unknown: ['publish', 'demand'] },
  { package: 'nats', room: 'demand', unknown: ['publish', 'subscribe'] },
  { package: 'simulator', room: 'market', unknown: ['server', 'recording', 'virtual', 'cli'] },
  { package: 'simulator', room: 'recording', unknown: ['server', 'virtual', 'cli'] },
  { package: 'simulator', room: 'server', unknown: ['virtual', 'cli'] },
  { package: 'simulator', room: 'virtual', unknown: ['recording', 'cli'] },
];

const assembly = [
  'index',
  'instruments',
  'seam',
  'ticker',
  'manager',
  'multi-api-manager',
  'open-bus-feed',
  'publish-feed',
  'simulator',
  'simulate-day',
  'virtual-day',
  'inject-fault',
];

/** Relative imports that a room may not have. Not the base rule, which keeps time and chance outside. */
const wallRules = walls.map(({ package: name, room, unknown }) => ({
  files: [`packages/${name}/src/${room}/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          ...unknown.map((other) => ({
            regex: `^\\.\\./(.*/)?${other}/`,
            message: `${room} knows nothing of ${other}: see ARCHITECTURE.md.`,
          })),
          {
            regex: `^(\\.\\./)+(${assembly.join('|')})\\.js$`,
            message: 'This file puts the rooms together: no room knows it.',
          },
        ],
      },
    ],
  },
}));

const timeAndChance = 'Time and chance are parameters: take a Clock or a random source from outside.';

/** @param {string} object @param {string[]} properties */
const forbidden = (object, properties, message = timeAndChance) =>
  properties.map((property) => ({ object, property, message }));

const timers = ['setTimeout', 'setInterval', 'setImmediate'];

const noHiddenInputs = {
  'no-restricted-globals': [
    'error',
    ...[...timers, 'performance'].map((name) => ({ name, message: timeAndChance })),
  ],
  'no-restricted-properties': [
    'error',
    ...forbidden('Date', ['now']),
    ...forbidden('Math', ['random']),
    ...forbidden('crypto', ['getRandomValues', 'randomUUID']),
    ...forbidden('process', ['hrtime', 'uptime']),
    ...forbidden('globalThis', [...timers, 'performance']),
    ...forbidden('process', ['env', 'argv'], 'A library has no hidden input: take an option.'),
    ...forbidden('process', ['exit', 'abort'], 'A library never ends its host.'),
  ],
  'no-restricted-syntax': [
    'error',
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: timeAndChance },
    { selector: "CallExpression[callee.name='Date']", message: timeAndChance },
  ],
  'no-restricted-imports': [
    'error',
    {
      paths: [
        ...['timers', 'timers/promises', 'process'].map((name) => ({ name })),
        // Its histograms are welcome; its clock is not.
        { name: 'perf_hooks', importNames: ['performance'] },
      ].flatMap((path) => [
        { ...path, message: timeAndChance },
        { ...path, name: `node:${path.name}`, message: timeAndChance },
      ]),
    },
  ],
};

const oneName = { name: 'vitest', importNames: ['it'], message: 'It is called `test` here.' };

const socketTest = 'What needs a socket, a thread or a process is tested in `test/socket`.';

const socketModules = [
  ...['child_process', 'http', 'net', 'worker_threads'].map((name) => `node:${name}`),
  ...['playwright-core', 'ws'],
].map((name) => ({ name, allowTypeImports: true, message: socketTest }));

/** The simulator as a server; its other exports and its types need no socket. */
const simulatorModule = { name: '@kite/simulator', importNames: ['startSimulator'], message: socketTest };

const off = (/** @type {Record<string, unknown>} */ rules) =>
  Object.fromEntries(Object.keys(rules).map((name) => [name, 'off']));

export default tseslint.config(
  {
    ignores: ['**/dist', '**/.tsbuild', '**/coverage', '**/test-results', '**/.cache', '.nx', 'docs/api'],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.js', '**/*.mjs'],
    extends: [eslint.configs.recommended],
    plugins: { 'simple-import-sort': simpleImportSort },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      // Node's own, then packages, then the house's, then the neighbours.
      'simple-import-sort/imports': [
        'error',
        { groups: [['^\\u0000'], ['^node:', '^(?!@kite/)@?\\w', '^@kite/'], ['^\\.\\.', '^\\.']] },
      ],
      'simple-import-sort/exports': 'error',
    },
  },
  {
    // Type-checked by tsc (checkJs), which knows what is defined.
    files: ['**/*.mjs', '**/*.js'],
    rules: { 'no-undef': 'off' },
  },
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      ...boundaries(sourceConstraints),
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Under noUncheckedIndexedAccess, `!` is how a decoder says that it has checked the bounds itself.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    rules: { 'no-console': 'error', ...noHiddenInputs },
  },
  ...wallRules,
  {
    // Where time and chance come in, and the one program among the libraries.
    files: [
      'packages/kit/src/machine-clock.ts',
      'packages/testkit/src/**/*.ts',
      'packages/*/src/**/random.ts',
      'packages/simulator/src/virtual/turn.ts',
      'packages/simulator/src/cli.ts',
      'packages/simulator/src/cli/**/*.ts',
    ],
    rules: off(noHiddenInputs),
  },
  {
    files: ['packages/simulator/src/cli.ts', 'packages/simulator/src/cli/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/test/**/*.ts', '**/*.config.ts'],
    rules: {
      ...boundaries(testConstraints, { allowCircularSelfDependency: true }),
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/test/**/*.ts', 'packages/testkit/src/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { paths: [oneName] }],
    },
  },
  {
    files: ['**/test/{pure,fake}/**/*.ts'],
    ignores: ['**/exports.test.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: [oneName, ...socketModules, simulatorModule] },
      ],
    },
  },
  {
    files: ['packages/*/package.json'],
    plugins: { '@nx': nx },
    languageOptions: { parser: jsoncParser },
    rules: {
      '@nx/dependency-checks': [
        'error',
        {
          buildTargets: ['build'],
          checkVersionMismatches: true,
          ignoredFiles: ['{projectRoot}/test/**/*', '{projectRoot}/*.config.ts'],
        },
      ],
    },
  },
);
