import { get } from 'node:http';
import { startSimulator } from '@kite/simulator';

/** The status that a WebSocket handshake at this address is answered with. */
function handshake(url: string): Promise<number | undefined> {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'c2l4dGVlbiBieXRlcyEhIQ==',
  };
  return new Promise((resolve, reject) => {
    get(url.replace(/^ws/, 'http'), { headers })
      .on('upgrade', ({ statusCode }, socket) => {
        socket.destroy();
        resolve(statusCode);
      })
      .on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      })
      .on('error', reject);
  });
}

async function main(): Promise<string> {
  const simulator = await startSimulator({ accounts: [{ apiKey: 'key', accessToken: 'token' }] });
  try {
    const welcome = await handshake(`${simulator.url}?api_key=key&access_token=token`);
    const refused = await handshake(`${simulator.url}?api_key=key&access_token=wrong`);
    if (welcome !== 101 || refused !== 403) throw new Error(`answered ${welcome} and ${refused}`);
    return `answered ${welcome} to the right token, ${refused} to a wrong one`;
  } finally {
    await simulator.stop();
  }
}

main().then(console.log, (error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
