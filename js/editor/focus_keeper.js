/**
 * An input that nobody sees and that has the focus while Control is held.
 *
 * ComfyUI takes Ctrl+Z in a listener of the window before any element hears of it, and leaves it alone only while an
 * input has the focus. Its undo rebuilds the graph, and this editor with it, so the editor takes its own steps back first; in a
 * node that has none the key is the graph's. The
 * system's clipboard, too, gives all its events only to something editable. So the focus goes to this input when Control
 * goes down and back where it was when Control goes up; in between the keys arrive at the editor as always.
 */

import { h } from "./dom.js";
import { canUndo } from "./history.js";

/** @import { EditorContext, Lifetime } from "../types.js" */

const CLIPBOARD_KEYS = new Set(["c", "x", "v"]);

/**
 * @param {HTMLElement} root
 * @param {EditorContext} context
 * @param {Lifetime} lifetime
 * @returns {HTMLInputElement} to be put into the root
 */
export function createFocusKeeper(root, context, lifetime) {
  const sink = h("input", {
    class: "wanmove-sink",
    type: "text",
    tabindex: -1,
    autocomplete: "off",
    "aria-label": context.texts("shell.sink"),
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
      if (!(event instanceof KeyboardEvent) || !wantsSink(event, context) || isEditable(event.target)) return;
      before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
      sink.focus({ preventScroll: true });
    },
    true,
  );
  lifetime.listen(root, "keyup", (event) => {
    if (event instanceof KeyboardEvent && (event.key === "Control" || event.key === "Meta")) release();
  });
  lifetime.listen(sink, "beforeinput", (event) => event.preventDefault());
  catchLostFocus(root, lifetime);
  return sink;
}

/**
 * Gives the focus to the stage when what has it is removed, hidden or disabled (a button that mends a finding, the row of a
 * deleted layer): on the page's body no key would reach the editor. Whoever leaves the editor has left.
 *
 * @param {HTMLElement} root
 * @param {Lifetime} lifetime
 */
function catchLostFocus(root, lifetime) {
  /** @type {Element | null} */
  let last = null;
  const isGone = (/** @type {Element} */ element) =>
    !root.contains(element) || element.closest("[hidden]") !== null || element.matches(":disabled");
  lifetime.listen(root, "focusin", ({ target }) => {
    last = target instanceof Element ? target : null;
  });
  lifetime.listen(root, "focusout", ({ target }) => {
    queueMicrotask(() => {
      if (last === target && last && !isGone(last)) last = null;
    });
  });
  lifetime.observeTree(root, () => {
    if (!last || document.activeElement !== document.body || !isGone(last)) return;
    last = null;
    const stage = root.querySelector(".wanmove-stage");
    if (stage instanceof HTMLElement) stage.focus({ preventScroll: true });
  });
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
 * @param {KeyboardEvent} event
 * @param {EditorContext} context
 */
function wantsSink({ key, ctrlKey, metaKey }, { host, store }) {
  const state = store.state();
  const hasSteps = host.size === "full" || canUndo(state) || state.history.future.length > 0;
  if (hasSteps) return key === "Control" || key === "Meta" || ctrlKey || metaKey;
  return (ctrlKey || metaKey) && CLIPBOARD_KEYS.has(key.toLowerCase());
}
