import { describe, expect, test } from 'vitest';
import { isKiteError, KiteInputError } from '@kite/protocol';
import { type SimulatorOptions, startSimulator } from '@kite/simulator';

async function refused(options: unknown): Promise<KiteInputError> {
  try {
    await (await startSimulator(options as SimulatorOptions)).stop();
  } catch (error) {
    if (error instanceof KiteInputError) return error;
    throw error;
  }
  throw new Error('the options were accepted');
}

describe('the options of startSimulator', () => {
  test('names the nearest option for an unknown one', async () => {
    const error = await refused({ tickPerSecond: 5 });
    expect(error).toMatchObject({ code: 'KITE_SIMULATOR_INVALID_OPTION', field: 'tickPerSecond' });
    expect(error.message).toContain('did you mean ticksPerSecond?');
    const nested = await refused({ accounts: [{ apiKey: 'a', acessToken: 't' }] });
    expect(nested.message).toMatch(/^accounts\[0\]: .*did you mean accessToken\?/);
  });

  test.each<[string, unknown]>([
    ['port', { port: 65_536 }],
    ['host', { host: '' }],
    ['seed', { seed: 0.5 }],
    ['instruments', { instruments: -1 }],
    [
      'instruments[1].instrumentToken',
      { instruments: [{ instrumentToken: 408065 }, { instrumentToken: 2 ** 32 }] },
    ],
    ['instruments[0].instrumentToken', { instruments: [{}] }],
    ['instruments[0].tickSize', { instruments: [{ instrumentToken: 408065, tickSize: 0 }] }],
    ['instruments[0].lastPrice', { instruments: [{ instrumentToken: 259, lastPrice: 214.8 }] }],
    ['instruments[0].lotSize', { instruments: [{ instrumentToken: 259, lotSize: 1e6 }] }],
    ['instruments[0]', { instruments: [408065] }],
    ['silentTokens', { silentTokens: [0] }],
    ['ticksPerSecond', { ticksPerSecond: Infinity }],
    ['stepIntervalMs', { stepIntervalMs: 0 }],
    ['maxTicksPerFrame', { maxTicksPerFrame: 3001 }],
    ['accounts', { accounts: {} }],
    ['accounts[0].apiKey', { accounts: [{ accessToken: 't' }] }],
    [
      'accounts[0].sampling',
      { accounts: [{ apiKey: 'a', accessToken: 't', sampling: { every: 2, offset: 2 } }] },
    ],
    ['accounts[0].acessToken', { accounts: [{ apiKey: 'a', acessToken: 't' }] }],
    ['heartbeatIntervalMs', { heartbeatIntervalMs: 0 }],
    ['pingIntervalMs', { pingIntervalMs: -5 }],
    ['handshakeDelayMs', { handshakeDelayMs: -1 }],
    ['maxBufferedBytes', { maxBufferedBytes: 0 }],
    ['recordSent', { recordSent: 0 }],
    ['replay.source', { replay: {} }],
    ['replay.speed', { replay: { source: 'x', speed: 0 } }],
    ['tls.cert', { tls: { key: 'x' } }],
    ['clock', { clock: { now: () => 0 } }],
    ['random', { random: 4 }],
    ['options', null],
  ])('refuses a wrong %s', async (field, options) => {
    expect(await refused(options)).toMatchObject({ code: 'KITE_SIMULATOR_INVALID_OPTION', field });
  });

  test('shows no token that it refuses', async () => {
    const error = await refused({ accounts: [{ apiKey: 'a', accessToken: ['sesame'] }] });
    expect(JSON.stringify(error) + error.message).not.toContain('sesame');
    const text = await refused({ accounts: ['key:sesame'] });
    expect(JSON.stringify(text) + text.message).not.toContain('sesame');
    const whole = await refused({ accounts: { apiKey: 'a', accessToken: 'sesame' } });
    expect(JSON.stringify(whole) + whole.message).not.toContain('sesame');
  });

  test('tells that a port is taken with KITE_SIMULATOR_LISTEN_FAILED and the cause', async () => {
    await using first = await startSimulator();
    const port = Number(new URL(first.url).port);
    const error = await startSimulator({ port }).catch((reason: unknown) => reason);
    expect(isKiteError(error, 'KITE_SIMULATOR_LISTEN_FAILED')).toBe(true);
    expect(error).toMatchObject({ cause: { code: 'EADDRINUSE' } });
  });

  test('lists exactly the instruments that were defined, the rest of each made up', async () => {
    await using simulator = await startSimulator({
      instruments: [
        { instrumentToken: 408065 },
        { instrumentToken: 257, tradingsymbol: 'MINE', lastPrice: 10.07, tickSize: 0.05 },
      ],
    });
    expect(simulator.instruments).toMatchObject([
      { tradingsymbol: 'INFY', segment: 1, exchange: 'NSE', tickSize: 0.05, lastPrice: 1567.8 },
      { tradingsymbol: 'MINE', name: 'MINE', lastPrice: 10.05 },
    ]);
  });
});
