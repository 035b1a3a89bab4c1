/**
 * How to speak TLS, in the terms of Node's `tls.connect`. Plain data only: it has to cross to the I/O worker. What you
 * omit has Node's own default.
 */
export interface TlsOptions {
  /** The certificates to trust instead of Node's own, as PEM text or bytes. */
  ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** The oldest version of TLS, as `'TLSv1.3'`. */
  minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** The newest version of TLS. */
  maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** Cipher suites, as OpenSSL writes them. */
  ciphers?: string | undefined;
  /** Curves or groups of the key agreement, separated by colons. */
  ecdhCurve?: string | undefined;
  /** Signature algorithms, separated by colons. */
  sigalgs?: string | undefined;
  /** Certificates that have been revoked, as PEM text or bytes. */
  crl?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** A certificate of the client, as PEM text or bytes. Secret, like the next three. */
  cert?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** The key of that certificate, as PEM text or bytes. */
  key?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** Certificate and key in one, as PKCS#12 bytes. */
  pfx?: Uint8Array | undefined;
  /** What `key` or `pfx` is encrypted with. */
  passphrase?: string | undefined;
  /** The name that the server's certificate must have. Default: the host of the URL. */
  servername?: string | undefined;
  /** The shortest Diffie-Hellman parameter, in bits. */
  minDHSize?: number | undefined;
  /** OpenSSL's `SSL_OP_*` bits. */
  secureOptions?: number | undefined;
  /**
   * False accepts any certificate, so that anyone on the way can read the access token. Allowed only for a loopback
   * address, unless `allowInsecure` is set.
   */
  rejectUnauthorized?: boolean | undefined;
}

/** The way to the server. */
export interface NetworkOptions {
  /**
   * The `http:` or `https:` URL of a proxy that opens tunnels (CONNECT), with user and password if it needs them; or
   * `'env'`: the proxy that the variables HTTPS_PROXY and NO_PROXY, in upper or lower case, name for the URL, if that
   * is `wss:`. They are read for each dial; with an I/O worker, at each `start()`. Default: none.
   */
  proxy?: string | undefined;
  /**
   * How to speak TLS to the server and, without `servername` and the client's certificate, to an `https:` proxy.
   * Default: Node's own.
   */
  tls?: TlsOptions | undefined;
  /** The address of this machine to dial from. Default: the system's choice. */
  localAddress?: string | undefined;
  /** Dial IPv4 or IPv6 addresses alone. Default: whatever the name has. */
  family?: 4 | 6 | undefined;
}

/** The network options that are given. */
export function networkOf(options: NetworkOptions): NetworkOptions | undefined {
  const { proxy, tls, localAddress, family } = options;
  const network: NetworkOptions = {
    ...(proxy !== undefined && { proxy }),
    ...(tls && { tls }),
    ...(localAddress !== undefined && { localAddress }),
    ...(family !== undefined && { family }),
  };
  return Object.keys(network).length === 0 ? undefined : network;
}
