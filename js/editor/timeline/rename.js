/** A name that is typed where it stands. */

import { MAX_NAME } from "../../model/document.js";
import { h } from "../dom.js";
import { createLifetime } from "../lifetime.js";

/**
 * Shows a text field in the place of a button. Enter and leaving it keep what was typed, Escape does not.
 *
 * @param {HTMLElement} button
 * @param {string} name
 * @param {string} label
 * @param {(name: string) => void} keep called only where the name is another
 */
export function renameIn(button, name, label, keep) {
  const lifetime = createLifetime();
  const input = h("input", { type: "text", class: "wanmove-rename", "aria-label": label, maxlength: MAX_NAME });
  input.value = name;
  let over = false;
  /** @type {(keeping: boolean, focus: boolean) => void} */
  const finish = (keeping, focus) => {
    if (over) return;
    over = true;
    lifetime.dispose();
    input.replaceWith(button);
    if (focus) button.focus({ preventScroll: true });
    const typed = input.value.trim();
    if (keeping && typed !== name) keep(typed);
  };
  lifetime.listen(input, "blur", () => finish(true, false));
  lifetime.listen(input, "keydown", (raw) => {
    const { key } = /** @type {KeyboardEvent} */ (raw);
    raw.stopPropagation();
    if (key === "Enter") finish(true, true);
    if (key === "Escape") finish(false, true);
  });
  button.replaceWith(input);
  input.focus();
  input.select();
}
