import { createServer } from 'node:http';

/** @typedef {import('./pack.mjs').PackedPackage} PackedPackage */

/**
 * A registry of the packed packages and nothing else, so that `npm install @kite/manager` does what it will do
 * for everybody: takes the newest version, and only what that declares.
 *
 * @param {readonly PackedPackage[]} packages
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startRegistry(packages) {
  const server = createServer(({ url = '/', headers }, response) => {
    const [, name, tarball] = /^\/(@[^/]+\/[^/]+)(\/-\/.*)?$/.exec(decodeURIComponent(url)) ?? [];
    const found = packages.find(({ manifest }) => manifest.name === name);
    // Packages of the run before had the same versions.
    response.setHeader('Cache-Control', 'no-store');
    if (!found) response.writeHead(404).end();
    else if (tarball) response.setHeader('Content-Type', 'application/octet-stream').end(found.tarball);
    else
      response.setHeader('Content-Type', 'application/json').end(document(found, `http://${headers.host}`));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What a registry says of a package. @param {PackedPackage} packed @param {string} origin */
function document({ manifest, integrity }, origin) {
  const { name, version } = manifest;
  const dist = { integrity, tarball: `${origin}/${name}/-/${name}-${version}.tgz` };
  return JSON.stringify({
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...manifest, dist } },
  });
}
