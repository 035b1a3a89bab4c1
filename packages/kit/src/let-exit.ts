/** Lets the process end though this timer is set, where timers can be told so. */
export function letExit(timer: unknown): void {
  (timer as { unref?: () => void } | undefined)?.unref?.();
}
