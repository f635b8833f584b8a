/** What the parts of the shell share: the context of all views and what the shell itself brings. */

/** @import { EditorContext, Lifetime } from "../types.js" */
/** @import { Popovers } from "./popovers.js" */

/**
 * @typedef {object} Shell
 * @property {EditorContext} context
 * @property {HTMLElement} root the editor's own element
 * @property {Lifetime} lifetime of the whole editor
 * @property {Popovers} popovers
 * @property {(name: string) => boolean} perform does a command that the store does not know (help, close ...); false = unknown
 */

/** @typedef {"inspector" | "timeline"} Panel parts of the full layout that fold away */

/**
 * Folds a panel away or opens it; an attribute of the root says so to the style sheet.
 *
 * @param {HTMLElement} root
 * @param {Panel} panel
 * @param {boolean} [open] left out: the other way than it is
 */
export function foldPanel(root, panel, open = root.hasAttribute(`data-no-${panel}`)) {
  root.toggleAttribute(`data-no-${panel}`, !open);
  root.querySelector(`[data-fold=${panel}]`)?.setAttribute("aria-pressed", String(open));
}

/**
 * The key of the text that names a command.
 *
 * @param {string} command
 */
export function commandText(command) {
  return /^(tool|overlay)\./.test(command) ? command : `command.${command}`;
}
