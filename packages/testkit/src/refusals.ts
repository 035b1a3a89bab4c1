/** The code with which a request was refused; undefined where it was not. Rejects with any error that has no such code. */
export async function codeOf(request: Promise<unknown>): Promise<string | undefined> {
  try {
    await request;
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code === 'string' && code.startsWith('KITE_')) return code;
    throw error;
  }
}
