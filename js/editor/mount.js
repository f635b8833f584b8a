/** An editor in an element: the parts are made, wired and undone here. */

import { shareClipboard } from "./clipboard.js";
import { zoomed } from "./commands.js";
import { keepCommitted, readDocument } from "./commits.js";
import { createDerived } from "./derived.js";
import { h } from "./dom.js";
import { fitEmptyDocument } from "./empty_size.js";
import { createFocusKeeper } from "./focus_keeper.js";
import { createHelp } from "./help.js";
import { listenToKeys } from "./keyboard.js";
import { layOutFull, layOutMini } from "./layout.js";
import { createLifetime } from "./lifetime.js";
import { createMeasuredNote } from "./measured_note.js";
import { createPictureNote } from "./picture_note.js";
import { createPopovers } from "./popovers.js";
import { initialState, openingTool } from "./reducer.js";
import { foldPanel } from "./shell.js";
import { createSmartPanel } from "./smart_panel.js";
import { driveSmartSelect } from "./smart_requests.js";
import { createStage } from "./stage.js";
import { createStore } from "./store.js";
import { useStyleSheet } from "./style_sheet.js";
import { createTexts } from "./texts.js";
import { createToast } from "./toast.js";
import { createWelcome } from "./welcome.js";

/** @import { EditorContext, EditorHost, Lifetime, MountedEditor, Store, View } from "../types.js" */
/** @import { Shell } from "./shell.js" */

/**
 * Puts an editor into an element. `dispose` leaves the element empty and nothing running.
 *
 * @param {HTMLElement} element
 * @param {EditorHost} host
 * @returns {MountedEditor}
 */
export function mountEditor(element, host) {
  const lifetime = createLifetime();
  const context = createContext(host);
  const { store, texts } = context;
  const root = h("div", {
    class: "wanmove-editor",
    "data-size": host.size,
    role: "group",
    "aria-label": texts("shell.name"),
  });
  useStyleSheet(root, lifetime);

  const stage = createStage(context);
  const shell = createShell(context, root, lifetime);
  const { views, note } = fill(shell, stage);
  const commits = keepCommitted(context, lifetime);
  const fitEmpty = fitEmptyDocument(store, commits.load, lifetime, note.measured);
  driveSmartSelect(context, lifetime);
  keepFitted(store, lifetime);
  const setPicture = (/** @type {EditorHost["picture"]} */ picture) => {
    stage.setPicture(picture);
    note.show(picture);
    fitEmpty(picture);
  };
  setPicture(host.picture);
  element.append(root);

  return {
    store,
    setDocument: commits.take,
    setPicture,
    focus: () => focusTarget(stage).focus({ preventScroll: true }),
    setClip: (clip) => store.dispatch({ type: "set-clip", clip }),
    setMeasured: (measured) => store.dispatch({ type: "set-measured", measured }),
    dispose() {
      for (const view of [...views, stage]) view.dispose();
      lifetime.dispose();
      root.remove();
    },
  };
}

/**
 * @param {EditorHost} host
 * @returns {EditorContext}
 */
function createContext(host) {
  const texts = createTexts(host.locale);
  const { document, error } = readDocument(host.document, host.clip);
  const store = createStore(
    initialState({ document, clip: host.clip, tool: openingTool(document), measured: host.measured ?? null }),
  );
  if (error !== null) store.dispatch({ type: "notice", text: texts("notice.unreadable", { reason: error }), kind: "error" });
  return { store, host, texts, derive: createDerived() };
}

/**
 * @param {EditorContext} context
 * @param {HTMLElement} root
 * @param {Lifetime} lifetime
 * @returns {Shell & { help: ReturnType<typeof createHelp> }}
 */
function createShell(context, root, lifetime) {
  const popovers = createPopovers(root, lifetime);
  /** @type {Record<string, () => boolean | void>} */
  const commands = {
    help: () => help.toggle(),
    open: () => context.host.openPicture?.(),
    export: () => void exportTracks(context),
    easing: () => openEasing(root),
  };
  const perform = (/** @type {string} */ name) => name in commands && commands[name]() !== false;
  const shell = { context, root, lifetime, popovers, perform };
  const help = createHelp(shell);
  return { ...shell, help };
}

/**
 * @param {Shell & { help: ReturnType<typeof createHelp> }} shell
 * @param {View} stage
 * @returns {{ views: View[], note: ReturnType<typeof createPictureNote> }}
 */
function fill(shell, stage) {
  const { context, root, lifetime, help } = shell;
  const { host } = context;
  const over = [createWelcome(shell), createSmartPanel(shell), createToast(shell), createMeasuredNote(shell)];
  const note = createPictureNote(shell);
  const area = h("div", { class: "wanmove-stage-area" }, stage.element, note.element, ...over.map((view) => view.element));
  const sink = createFocusKeeper(root, context, lifetime);
  const views = host.size === "full" ? layOutFull(shell, area) : layOutMini(shell, area);
  root.append(help.element, sink);
  shareClipboard(sink, context, lifetime);
  listenToKeys(shell, stage.element, sink);
  giveFocusBack(shell, focusTarget(stage));
  return { views: [...over, ...views], note };
}

/**
 * A button pressed with the pointer gives the focus back to the stage, so that Space plays and does not press it again.
 *
 * @param {Shell & { help: ReturnType<typeof createHelp> }} shell
 * @param {HTMLElement} target
 */
function giveFocusBack({ root, lifetime, popovers, help }, target) {
  lifetime.listen(root, "click", (event) => {
    if (!(event instanceof MouseEvent) || event.detail === 0 || popovers.isOpen() || help.isOpen()) return;
    const pressed = /** @type {Element} */ (event.target).closest("button");
    const inside = pressed?.closest(".wanmove-side, .wanmove-foot");
    if (pressed && !inside) target.focus({ preventScroll: true });
  });
}

/**
 * @param {View} stage
 * @returns {HTMLElement}
 */
function focusTarget({ element }) {
  return element.matches("[tabindex]") ? element : (element.querySelector("[tabindex]") ?? element);
}

/**
 * A view of the whole picture stays one when the stage or the document changes its size.
 *
 * @param {Store} store
 * @param {Lifetime} lifetime
 */
function keepFitted(store, lifetime) {
  lifetime.also(
    store.subscribe((state, previous) => {
      const [now, then] = [state.document, previous.document];
      const isOther = now.width !== then.width || now.height !== then.height;
      const resized = (state.stage !== previous.stage || isOther) && previous.stage[0] > 0;
      if (!resized) return;
      const [was, before] = [previous.viewport, zoomed(previous)];
      const isFitted = Math.abs(was.scale / before.scale - 1) < 1e-3 && Math.hypot(was.x - before.x, was.y - before.y) < 1;
      if (isFitted) store.dispatch({ type: "set-viewport", viewport: zoomed(state) });
    }),
  );
}

/**
 * Opens the easings of what is selected, in the inspector. False where there is none.
 *
 * @param {HTMLElement} root
 */
function openEasing(root) {
  if (root.dataset.size === "mini") return false;
  foldPanel(root, "inspector", true);
  const buttons = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".wanmove-side .wanmove-easing-button")]);
  const button = buttons.find((one) => one.offsetParent !== null);
  if (!button) return false;
  button.focus();
  if (button.getAttribute("aria-expanded") === "false") button.click();
  return true;
}

/** @param {EditorContext} context */
async function exportTracks({ host, store }) {
  try {
    await host.exportTracks?.();
  } catch (error) {
    store.dispatch({ type: "notice", text: error instanceof Error ? error.message : String(error), kind: "error" });
  }
}
