/**
 * Keys while the editor has the focus. A key that does nothing here is left to the page around. On the stage, Space is the
 * stage's own: held, it is the hand.
 */

import { viewToImage } from "../model/viewport.js";
import { actionOf, escapeOf } from "./commands.js";
import { isEditable } from "./focus_keeper.js";
import { commandOf } from "./shortcuts.js";

/** @import { ImagePoint } from "../types.js" */
/** @import { Shell } from "./shell.js" */

/** Commands that a key held down does over and over. */
const GOES_ON = /^(nudge|cell|frame|latent|key|zoom)-|^(smaller|larger|undo|redo)$/;

/** What an input that is no text field (a slider) does with keys itself. */
const SLIDER_KEYS = /^(Arrow|Home|End|Page)/;

/**
 * @param {Shell} shell
 * @param {HTMLElement} stage the element of the stage
 * @param {HTMLElement} sink the hidden input
 */
export function listenToKeys(shell, stage, sink) {
  const { root, lifetime, context } = shell;
  const { store, host } = context;
  const pointer = followPointer(stage, shell);

  lifetime.listen(root, "keydown", (event) => {
    if (!(event instanceof KeyboardEvent) || event.defaultPrevented || event.isComposing) return;
    const command = commandOf(pressOf(event));
    if (!command || isTaken(event, sink)) return;
    if (CLIPBOARD.has(command)) {
      // The event of the clipboard follows and does the work; ComfyUI must not hear of either.
      event.stopPropagation();
      return;
    }
    if (perform(command, event)) claim(event);
  });

  /**
   * @param {string} command
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key did something
   */
  function perform(command, event) {
    const state = store.state();
    if (command === "escape") return stepOut();
    if (command === "select-next" || command === "select-previous") {
      if (!isOn(event, stage, sink) || !pointer.at()) return false;
      store.dispatch({ type: "select-next", at: pointer.at(), back: command === "select-previous" });
      return store.state() !== state;
    }
    // Held down, a key goes on where that makes sense and does nothing else, least of all on and off.
    if (event.repeat && !GOES_ON.test(command)) return true;
    const action = actionOf(command, state);
    if (action) store.dispatch(action.type === "nudge" && event.repeat ? { ...action, again: true } : action);
    return action !== null || shell.perform(command);
  }

  function stepOut() {
    const action = escapeOf(store.state());
    const inGesture = store.state().gesture.kind !== "none";
    if (!inGesture && shell.popovers.close()) return true;
    if (action !== "close") store.dispatch(action);
    else if (host.close) host.close();
    else return false;
    return true;
  }
}

const CLIPBOARD = new Set(["copy", "cut", "paste"]);

/** @param {KeyboardEvent} event */
function pressOf(event) {
  const { key, code, shiftKey, ctrlKey, metaKey, altKey } = event;
  // AltGr reports Control and Alt on some systems; it is how "[" is typed on many keyboards.
  const graph = event.getModifierState("AltGraph");
  return { key, code, shift: shiftKey, control: !graph && (ctrlKey || metaKey), alt: !graph && altKey };
}

/**
 * Whether the focused control does something with the key itself.
 *
 * @param {KeyboardEvent} event
 * @param {HTMLElement} sink
 */
function isTaken({ target, key, ctrlKey, metaKey }, sink) {
  if (target === sink || !(target instanceof HTMLElement)) return false;
  if (isEditable(target)) return true;
  if (ctrlKey || metaKey) return false;
  if (target instanceof HTMLInputElement) return SLIDER_KEYS.test(key);
  const pressed = key === " " || key === "Enter";
  return pressed && target.closest("button, a[href], summary, [role=button], [role=menuitem]") !== null;
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} stage
 * @param {HTMLElement} sink
 */
function isOn({ target }, stage, sink) {
  return target === sink || (target instanceof Node && stage.contains(target));
}

/** @param {Event} event */
function claim(event) {
  event.preventDefault();
  event.stopPropagation();
}

/**
 * Where the mouse is on the stage. Tab goes through what lies there. With the mouse elsewhere, or not moved since the stage
 * was reached with the keyboard, Tab moves the focus: nobody is caught on the stage.
 *
 * @param {HTMLElement} stage
 * @param {Shell} shell
 * @returns {{ at: () => ImagePoint | null }}
 */
function followPointer(stage, { lifetime, context }) {
  /** @type {[number, number] | null} */
  let view = null;
  lifetime.listen(stage, "pointermove", (event) => {
    const { clientX, clientY } = /** @type {PointerEvent} */ (event);
    const box = stage.getBoundingClientRect();
    const ratio = stage.offsetWidth / (box.width || 1);
    view = [(clientX - box.left) * ratio, (clientY - box.top) * ratio];
  });
  for (const type of ["pointerleave", "focus"]) {
    lifetime.listen(stage, type, () => {
      if (type === "pointerleave" || stage.matches(":focus-visible")) view = null;
    });
  }
  return { at: () => view && viewToImage(context.store.state().viewport, view) };
}
