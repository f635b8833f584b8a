/** Panels that open at a button: one at a time, inside the editor's element, left by Escape or a press elsewhere. */

import { h } from "./dom.js";

/** @import { Lifetime } from "../types.js" */

/**
 * @typedef {object} Popovers
 * @property {(anchor: HTMLElement, content: HTMLElement, name: string, role?: string) => void} toggle
 * @property {() => boolean} close false = none was open
 * @property {() => boolean} isOpen
 */

/** Kept free at the editor's edges, CSS pixels. */
const EDGE = 8;

/**
 * @param {HTMLElement} root
 * @param {Lifetime} lifetime
 * @returns {Popovers}
 */
export function createPopovers(root, lifetime) {
  /** @type {{ anchor: HTMLElement, panel: HTMLElement } | null} */
  let open = null;

  const close = () => {
    if (!open) return false;
    const { anchor, panel } = open;
    open = null;
    const inside = panel.contains(document.activeElement);
    panel.remove();
    anchor.setAttribute("aria-expanded", "false");
    if (inside) anchor.focus({ preventScroll: true });
    return true;
  };

  lifetime.listen(
    root.ownerDocument,
    "pointerdown",
    (event) => {
      const target = /** @type {Node} */ (event.target);
      if (open && !open.panel.contains(target) && !open.anchor.contains(target)) close();
    },
    true,
  );
  lifetime.listen(root, "keydown", (event) => {
    if (open && event instanceof KeyboardEvent) walk(event, open.panel);
  });
  lifetime.also(() => close());

  return {
    toggle(anchor, content, name, role = "dialog") {
      const again = open?.anchor === anchor;
      close();
      if (again) return;
      const panel = h("div", { class: "wanmove-popover", role, "aria-label": name }, content);
      root.append(panel);
      open = { anchor, panel };
      anchor.setAttribute("aria-expanded", "true");
      place(root, anchor, panel);
      stops(panel)[0]?.focus({ preventScroll: true });
    },
    close,
    isOpen: () => open !== null,
  };
}

/**
 * Below its button, or above where there is more room; never outside the editor.
 *
 * @param {HTMLElement} root
 * @param {HTMLElement} anchor
 * @param {HTMLElement} panel
 */
function place(root, anchor, panel) {
  const outer = root.getBoundingClientRect();
  const inner = anchor.getBoundingClientRect();
  // ComfyUI scales the node's elements by the graph's zoom: rectangles are of the screen, styles are not.
  const ratio = root.offsetWidth / (outer.width || 1);
  const [top, bottom] = [(inner.top - outer.top) * ratio, (inner.bottom - outer.top) * ratio];
  const [above, below] = [top - 2 * EDGE, root.offsetHeight - bottom - 2 * EDGE];
  const wanted = panel.scrollHeight + 2;
  const room = below >= wanted || below >= above ? below : above;
  const height = Math.min(wanted, Math.max(room, 96));
  panel.style.maxHeight = `${Math.max(room, 96)}px`;
  const left = Math.min((inner.left - outer.left) * ratio, root.offsetWidth - panel.offsetWidth - EDGE);
  panel.style.left = `${Math.max(left, EDGE)}px`;
  panel.style.top = `${room === below ? bottom + 4 : Math.max(top - 4 - height, EDGE)}px`;
}

/** @param {HTMLElement} panel @returns {HTMLElement[]} */
function stops(panel) {
  return [...panel.querySelectorAll("button, input, select, a[href]")].filter((stop) => stop instanceof HTMLElement);
}

/**
 * Arrows, Home and End go from entry to entry.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLElement} panel
 */
function walk(event, panel) {
  if (!panel.contains(document.activeElement)) return;
  const all = stops(panel);
  const here = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  event.stopPropagation();
  all[(to + all.length) % all.length]?.focus();
}
