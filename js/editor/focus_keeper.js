/**
 * An input that nobody sees and that has the focus while Control is held.
 *
 * ComfyUI takes Ctrl+Z in a listener of the window before any element hears of it, and leaves it alone only while an
 * input has the focus (facts: comfyui_host.md 3.3). Full screen, its undo would rebuild the graph under the dialog. The
 * system's clipboard, too, gives all its events only to something editable. So the focus goes to this input when Control
 * goes down and back where it was when Control goes up; in between the keys arrive at the editor as always.
 */

import { h } from "./dom.js";

/** @import { EditorHost, Lifetime, Texts } from "../types.js" */

const CLIPBOARD_KEYS = new Set(["c", "x", "v"]);

/**
 * @param {HTMLElement} root
 * @param {EditorHost} host
 * @param {Texts} texts
 * @param {Lifetime} lifetime
 * @returns {HTMLInputElement} to be put into the root
 */
export function createFocusKeeper(root, host, texts, lifetime) {
  const sink = h("input", {
    class: "wanmove-sink",
    type: "text",
    tabindex: -1,
    autocomplete: "off",
    "aria-label": texts("shell.sink"),
  });
  /** @type {HTMLElement | null} */
  let before = null;

  const release = () => {
    if (before && document.activeElement === sink) before.focus({ preventScroll: true });
    before = null;
  };
  lifetime.listen(
    root,
    "keydown",
    (event) => {
      if (!(event instanceof KeyboardEvent) || !wantsSink(event, host) || isEditable(event.target)) return;
      before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
      sink.focus({ preventScroll: true });
    },
    true,
  );
  lifetime.listen(root, "keyup", (event) => {
    if (event instanceof KeyboardEvent && (event.key === "Control" || event.key === "Meta")) release();
  });
  lifetime.listen(sink, "beforeinput", (event) => event.preventDefault());
  return sink;
}

/**
 * Whether typing into it is its purpose. The hidden input counts: it has the focus already.
 *
 * @param {EventTarget | null} target
 */
export function isEditable(target) {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  if (target instanceof HTMLInputElement) return !["range", "checkbox", "radio", "color", "button"].includes(target.type);
  return target instanceof HTMLElement && target.isContentEditable;
}

/**
 * In a node only for the clipboard: there Ctrl+Z belongs to the graph, which holds the node's value too.
 *
 * @param {KeyboardEvent} event
 * @param {EditorHost} host
 */
function wantsSink({ key, ctrlKey, metaKey }, host) {
  if (host.size === "full") return key === "Control" || key === "Meta" || ctrlKey || metaKey;
  return (ctrlKey || metaKey) && CLIPBOARD_KEYS.has(key.toLowerCase());
}
