import { createRequire } from 'node:module';
import path from 'node:path';

/** What is used of `@duckdb/node-api`, which is not installed with this repository: it is 70 MB. */
interface DuckDb {
  readonly DuckDBInstance: { create(file: string): Promise<{ connect(): Promise<Connection> }> };
}
interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getRowObjects(): Record<string, unknown>[] }>;
}

const MODULE = '@duckdb/node-api';

/** The folder with `@duckdb/node-api` in its node_modules; `npm run nightly -- bars-sql` sets it. */
export const DUCKDB_FOLDER = process.env['KITE_DUCKDB_FOLDER'];

/** A database in memory. */
export async function openDuckDb(folder: string): Promise<Connection> {
  const require = createRequire(path.join(folder, 'package.json'));
  const { DuckDBInstance } = require(MODULE) as DuckDb;
  const instance = await DuckDBInstance.create(':memory:');
  return instance.connect();
}
