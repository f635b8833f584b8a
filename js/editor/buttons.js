/** Buttons with an icon, a name and a shortcut. */

import { h } from "./dom.js";
import { icon } from "./icons.js";

/** @import { Lifetime, Texts } from "../types.js" */
/** @import { IconName } from "./icons.js" */

/**
 * @typedef {object} ButtonLook
 * @property {IconName} icon
 * @property {string} text key of its name
 * @property {string} [shortcut] as people read it, "Ctrl+Z"
 * @property {boolean} [wordy] shows its name beside the icon
 * @property {string} [word] key of a short word that it shows beside the icon where there is room
 * @property {boolean} [toggle] has a pressed state
 */

/**
 * @param {Texts} texts
 * @param {Lifetime} lifetime
 * @param {ButtonLook} look
 * @param {(event: Event) => void} press
 */
export function createButton(texts, lifetime, look, press) {
  const name = texts(look.text);
  const button = h(
    "button",
    {
      type: "button",
      class: look.wordy ? "wanmove-button wanmove-button-wordy" : "wanmove-button",
      title: look.shortcut ? `${name} (${look.shortcut})` : name,
      "aria-label": name,
      "aria-keyshortcuts": look.shortcut ? look.shortcut.replace("Ctrl", "Control") : null,
      "aria-pressed": look.toggle ? "false" : null,
    },
    icon(look.icon),
    h("span", { class: "wanmove-button-name" }, name),
  );
  if (look.word) button.append(h("span", { class: "wanmove-button-word", "aria-hidden": "true" }, texts(look.word)));
  if (look.shortcut) button.append(h("kbd", { class: "wanmove-button-key" }, look.shortcut));
  lifetime.listen(button, "click", press);
  return button;
}

/**
 * @param {HTMLElement} button
 * @param {boolean} pressed
 */
export function setPressed(button, pressed) {
  setState(button, "aria-pressed", pressed);
}

/**
 * A button that can do nothing now keeps its place in the tab order; pressing it does nothing.
 *
 * @param {HTMLElement} button
 * @param {boolean} enabled
 */
export function setEnabled(button, enabled) {
  setState(button, "aria-disabled", !enabled);
}

/**
 * @param {HTMLElement} button
 * @param {"aria-pressed" | "aria-disabled"} name
 * @param {boolean} value
 */
function setState(button, name, value) {
  if (button.getAttribute(name) !== String(value)) button.setAttribute(name, String(value));
}

/**
 * Another icon and name for the same button (play, pause).
 *
 * @param {HTMLElement} button
 * @param {IconName} name
 * @param {string} label
 */
export function changeFace(button, name, label) {
  button.querySelector("svg")?.replaceWith(icon(name));
  button.setAttribute("aria-label", label);
  const key = button.getAttribute("aria-keyshortcuts");
  button.title = key ? `${label} (${key.replace("Control", "Ctrl")})` : label;
}
