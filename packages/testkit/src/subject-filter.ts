/** Whether a NATS subject matches a pattern, in which `*` stands for any one part. The pattern is read once. */
export function subjectFilter(pattern: string): (subject: string) => boolean {
  const wanted = pattern.split('.');
  return (subject) => {
    const parts = subject.split('.');
    return parts.length === wanted.length && wanted.every((part, at) => part === '*' || part === parts[at]);
  };
}
