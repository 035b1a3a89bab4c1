/** What Node has for warnings; other runtimes may lack it. */
interface WarningProcess {
  emitWarning?: (message: string, options: { type: string; code?: string }) => void;
}

/**
 * The warnings of one owner, each kind of them once: for what a program would otherwise never learn of. They go to Node's
 * `process.emitWarning` with the type `KiteWarning`, and nowhere where there is no `process`.
 */
export class Warnings {
  readonly #given = new Set<string>();

  /** Warns, unless this kind has been warned of. `code` is shown before the message. */
  warn(kind: string, message: string, code?: string): void {
    if (this.#given.has(kind)) return;
    this.#given.add(kind);
    const { process } = globalThis as { process?: WarningProcess };
    process?.emitWarning?.(message, { type: 'KiteWarning', ...(code !== undefined && { code }) });
  }
}
