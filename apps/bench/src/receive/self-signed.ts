/**
 * A self-signed certificate for `localhost` and 127.0.0.1, and its key: for the bench's own server, so not a secret.
 * Made with `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500
 * -addext subjectAltName=DNS:localhost,IP:127.0.0.1`.
 */
export const SELF_SIGNED = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRa4NLvhgj+jjdKgM
pu6AcvFqQL5rR3pi8zf04848jvehRANCAASKPhmXu/5c+aFtWz7H6v0d5t1TryA4
r28kkTauRO9Hz2PvDrNSpttFh1ib1mA4ZQSFYsH9bXuyIa1AGTi0VpGN
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBrDCCAVGgAwIBAgIUVZOY7Xcqu5lJtHpaBXmG+X7GhaQwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRa2l0ZSBiZW5jaCBzZXJ2ZXIwIBcNMjYxMTIyMTkxMTMxWhgP
MjEyNjEwMjkxOTExMzFaMBwxGjAYBgNVBAMMEWtpdGUgYmVuY2ggc2VydmVyMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEij4Zl7v+XPmhbVs+x+r9HebdU68gOK9v
JJE2rkTvR89j7w6zUqbbRYdYm9ZgOGUEhWLB/W17siGtQBk4tFaRjaNvMG0wHQYD
VR0OBBYEFM5M1RVXf8YEvI9V539DpdxwsbeKMB8GA1UdIwQYMBaAFM5M1RVXf8YE
vI9V539DpdxwsbeKMA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxo
b3N0hwR/AAABMAoGCCqGSM49BAMCA0kAMEYCIQCHxWr/7azh7FsyQZeJDoRcXkrg
oFbe3vqXXE8IyVVT9wIhAL+89C6pPNydjpebevpowXn5DpMvyn8dVwtt9oHLKj+4
-----END CERTIFICATE-----
`,
} as const;
