/**
 * A self-signed certificate for `localhost` and 127.0.0.1, and its key: for these tests alone, and a secret to nobody.
 * Made with `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500
 * -addext subjectAltName=DNS:localhost,IP:127.0.0.1`.
 */
export const SELF_SIGNED = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg10V5t5fTVn+FLSsv
8cNdXid+5MsYKHNOpCzcseLq6RGhRANCAATnvyFNduKFIEYotxNf+WA8mG7ImvBP
969IpZ3y8qaMuugd48mfcAW1c6DyRDVQ++yDiZATBoWock81e9C3DS21
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBqTCCAU+gAwIBAgIUCETlveCXG586s7jmVYFVpkwB+OgwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQa2l0ZSB0ZXN0IHNlcnZlcjAgFw0yNjExMjIxODIxNTRaGA8y
MTI2MTAyOTE4MjE1NFowGzEZMBcGA1UEAwwQa2l0ZSB0ZXN0IHNlcnZlcjBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABOe/IU124oUgRii3E1/5YDyYbsia8E/3r0il
nfLypoy66B3jyZ9wBbVzoPJENVD77IOJkBMGhahyTzV70LcNLbWjbzBtMB0GA1Ud
DgQWBBTLSgRNFyBcxXKjlFKl5mEx/XIfajAfBgNVHSMEGDAWgBTLSgRNFyBcxXKj
lFKl5mEx/XIfajAPBgNVHRMBAf8EBTADAQH/MBoGA1UdEQQTMBGCCWxvY2FsaG9z
dIcEfwAAATAKBggqhkjOPQQDAgNIADBFAiA3/sSIAiqtAGs1hU9/Y6IdtjbuZfdd
XlyGyAfQP48bwQIhAM/3Hrv1rrIbLQd/Vs/17+zxG5cXv2Nn4+unB7Z1B2QU
-----END CERTIFICATE-----
`,
} as const;
