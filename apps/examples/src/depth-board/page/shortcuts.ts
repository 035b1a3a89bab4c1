/** What a key does. */
export type Shortcuts = Readonly<Record<string, () => void>>;

const TYPED_INTO = 'input:not([type=radio]), textarea, select, [contenteditable]';
/** Elements that use the arrow keys themselves. */
const MOVED_IN = 'input[type=radio], [role=group], [role=log]';

/** Listens for keys on the whole page, unless the focused element uses them. */
export function listenForShortcuts(shortcuts: Shortcuts): void {
  document.addEventListener('keydown', (event) => {
    const { key, target, defaultPrevented } = event;
    if (defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = Object.hasOwn(shortcuts, key) ? shortcuts[key] : undefined;
    if (!act || !(target instanceof Element) || target.closest(TYPED_INTO)) return;
    if (key.length > 1 && target.closest(MOVED_IN)) return;
    event.preventDefault();
    act();
  });
}
