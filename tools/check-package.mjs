// What would be published, judged as a stranger would find it: packs the package in the current folder and
// runs publint and are-the-types-wrong on the tarball.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = mkdtempSync(path.join(tmpdir(), 'kite-pack-'));

/** @param {string} tool @param {string[]} args */
const passes = (tool, ...args) =>
  spawnSync(path.join(root, 'node_modules/.bin', tool), args, { stdio: 'inherit' }).status === 0;

try {
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', directory], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // npm prints an array, or since version 12 an object by package name.
  const [report] = /** @type {{ filename: string, size: number, files: { path: string }[] }[]} */ (
    Object.values(JSON.parse(packed))
  );
  if (!report) throw new Error('npm pack reported nothing');
  const tarball = path.join(directory, report.filename);
  const files = new Set(report.files.map((file) => file.path));

  const problems = [
    ...[
      'README.md',
      'LICENSE',
      'src/index.ts',
      'dist/index.js',
      'dist/index.cjs',
      'dist/index.d.ts',
      'dist/index.d.cts',
    ]
      .filter((file) => !files.has(file))
      .map((file) => `${file} is not in the package`),
    ...[...files]
      .filter((file) => /^test\/|\.test\.|\.tsbuild|^tsconfig/.test(file))
      .map((file) => `${file} does not belong in the package`),
  ];
  if (readFileSync('LICENSE', 'utf8') !== readFileSync(path.join(root, 'LICENSE'), 'utf8')) {
    problems.push("LICENSE differs from the repository's");
  }
  for (const problem of problems) console.error(problem);

  const published = passes('publint', 'run', tarball, '--strict');
  const typed = passes('attw', tarball, '--no-emoji');
  console.log(`${report.filename}: ${files.size} files, ${report.size} bytes`);
  process.exitCode = problems.length === 0 && published && typed ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
