/** Node's function for warnings; other runtimes may lack it. */
interface WarningProcess {
  emitWarning?: (message: string, options: { type: string; code?: string }) => void;
}

/**
 * The warnings of one owner, each kind once, for what a program would otherwise never notice. They go to Node's
 * `process.emitWarning` with the type `KiteWarning`; without a `process` they are dropped.
 */
export class Warnings {
  readonly #given = new Set<string>();

  /** Warns once per kind. `code` is shown before the message. */
  warn(kind: string, message: string, code?: string): void {
    if (this.#given.has(kind)) return;
    this.#given.add(kind);
    const { process } = globalThis as { process?: WarningProcess };
    process?.emitWarning?.(message, { type: 'KiteWarning', ...(code !== undefined && { code }) });
  }
}
