import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { SELF_SIGNED } from '../receive/self-signed.js';

/** The certificate of the server on localhost, as a file. Dispose of it after use. */
export class CertificateFile implements Disposable {
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'kite-bench-'));
  readonly path = path.join(this.#directory, 'certificate.pem');

  constructor() {
    writeFileSync(this.path, SELF_SIGNED.cert);
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true });
  }
}
