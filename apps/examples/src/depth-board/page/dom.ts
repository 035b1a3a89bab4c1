/** Small DOM helpers: enough for a board of a few hundred cells, without a framework. */

/**
 * The element of this id in the page's own markup.
 *
 * @throws TypeError if the markup has none of this kind
 */
export function byId<Found extends HTMLElement>(id: string, kind: abstract new () => Found): Found {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`the page has no ${kind.name} with the id ${id}`);
}

/** A new element with a class and children. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** Sets the text if it differs: an assignment without a change would still cost a layout. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets the class if it differs. */
export function setClass(node: Element, className: string): void {
  if (node.className !== className) node.className = className;
}
