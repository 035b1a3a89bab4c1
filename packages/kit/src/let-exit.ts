/** Lets the process end while this timer is set, if the runtime supports that. */
export function letExit(timer: unknown): void {
  (timer as { unref?: () => void } | undefined)?.unref?.();
}
