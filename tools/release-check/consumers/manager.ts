import { isKiteError, KiteTickerManager, Mode } from '@kite/manager';

async function main(): Promise<string> {
  const url = process.argv[2] ?? '';
  const manager = new KiteTickerManager({ apiKey: `manager-${process.pid}`, accessToken: 'token', url });
  try {
    const issues: unknown[] = [];
    manager.on('issue', ({ issue }) => issues.push(issue));
    await manager.start();
    const ticks = manager.ticks();
    await manager.subscribeSymbols([256265, 408065, 738561], Mode.Full);
    await ticks.recv();
    const { activeConnections, totalSymbols } = manager.getStats();
    // Where a worker thread could not start there is an issue that says so.
    if (issues.length > 0 || activeConnections !== 3) {
      throw new Error(`${activeConnections} connections, issues: ${issues.join()}`);
    }
    return `streamed ${totalSymbols} symbols over ${activeConnections} connections, in a worker thread`;
  } finally {
    await manager.stop();
  }
}

main().then(console.log, (error: unknown) => {
  if (isKiteError(error, 'KITE_MANAGER_START_FAILED') || isKiteError(error, 'KITE_CONNECTION_LOST'))
    console.error('the simulator is gone');
  // @ts-expect-error -- a misspelt code does not compile
  isKiteError(error, 'KITE_MANAGER_START_FALED');
  console.error(error);
  process.exitCode = 1;
});
