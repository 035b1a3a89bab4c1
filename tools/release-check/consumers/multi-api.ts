import { DistributionStrategy, Mode, MultiApiKiteTickerManager } from '@kite/multi-api';

async function main(): Promise<string> {
  const manager = MultiApiKiteTickerManager.builder()
    .addApiKey('first', `multi-api-1-${process.pid}`, 'token')
    .addApiKey('second', `multi-api-2-${process.pid}`, () => Promise.resolve('token'))
    .distributionStrategy(DistributionStrategy.RoundRobin)
    .maxConnectionsPerApi(1)
    .url(process.argv[2] ?? '')
    .build();
  const heard = new Set<string>();
  try {
    const issues: unknown[] = [];
    manager.on('issue', ({ issue }) => issues.push(issue));
    await manager.start();
    const channel = manager.getUnifiedChannel();
    await manager.subscribeSymbols([256265, 408065], Mode.Quote);
    for await (const { apiKeyId, message } of channel) {
      if (issues.length > 0) throw new Error(`issues: ${issues.join()}`);
      if (message.type === 'ticks') heard.add(apiKeyId);
      if (heard.size === 2) return `streamed from ${[...heard].sort().join(' and ')} as one feed`;
    }
    throw new Error('the channel ended');
  } finally {
    await manager.stop();
  }
}

main().then(console.log, (error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
