/** The sheet of shortcuts. */

import { createButton } from "./buttons.js";
import { h } from "./dom.js";
import { commandText } from "./shell.js";
import { SHORTCUTS, written } from "./shortcuts.js";

/** @import { Texts } from "../types.js" */
/** @import { Shell } from "./shell.js" */

const GROUPS = ["tools", "time", "edit", "view"];
/** Rows that another one already shows: four arrows are one line. */
const SHOWN_ELSEWHERE = /^(nudge|cell)-(right|up|down)$/;

/**
 * @param {Shell} shell
 * @returns {{ element: HTMLElement, toggle: () => void, isOpen: () => boolean }}
 */
export function createHelp({ context: { texts, host }, lifetime }) {
  const close = createButton(texts, lifetime, { icon: "close", text: "help.close", shortcut: "Esc" }, () => hide());
  const head = h("div", { class: "wanmove-sheet-head" }, h("h2", {}, texts("help.title")), close);
  const groups = GROUPS.map((group) => section(texts, group, host.selectSmartly !== undefined));
  const gestures = h("p", { class: "wanmove-sheet-note" }, texts(`help.gestures.${host.size}`));
  const sheet = h(
    "div",
    { class: "wanmove-sheet", role: "dialog", "aria-modal": "true", "aria-label": texts("help.title") },
    head,
    h("div", { class: "wanmove-sheet-groups" }, ...groups),
    gestures,
  );
  const element = h("div", { class: "wanmove-veil", hidden: true }, sheet);
  /** @type {Element | null} */
  let before = null;

  const hide = () => {
    if (element.hidden) return false;
    element.hidden = true;
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    return true;
  };
  lifetime.listen(element, "pointerdown", (event) => {
    if (event.target === element) hide();
  });
  lifetime.listen(element, "keydown", (event) => {
    const { key } = /** @type {KeyboardEvent} */ (event);
    if (key === "Tab") event.preventDefault();
    if (key === "Escape" || key === "?") {
      event.preventDefault();
      hide();
    }
    // A sheet that covers the editor keeps the keys of the editor to itself.
    event.stopPropagation();
  });
  return {
    element,
    isOpen: () => !element.hidden,
    toggle() {
      if (hide()) return;
      before = document.activeElement;
      element.hidden = false;
      close.focus({ preventScroll: true });
    },
  };
}

/**
 * @param {Texts} texts
 * @param {string} group
 * @param {boolean} smart
 */
function section(texts, group, smart) {
  const list = h("dl", {});
  const rows = SHORTCUTS.filter((row) => row.group === group && !SHOWN_ELSEWHERE.test(row.command));
  for (const command of new Set(rows.map((row) => row.command))) {
    if (command === "tool.smart" && !smart) continue;
    const keys = rows.filter((row) => row.command === command).map((row) => h("kbd", {}, written(row)));
    list.append(h("div", { class: "wanmove-sheet-row" }, h("dt", {}, ...keys), h("dd", {}, texts(commandText(command)))));
  }
  return h("section", {}, h("h3", {}, texts(`help.${group}`)), list);
}
