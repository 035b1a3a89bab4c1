/** Like `encodeURIComponent`, but never throws: a lone surrogate becomes U+FFFD, as in UTF-8. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD'));
}
