/** The editor as a widget of a node: its value is the document's JSON text, so it goes wherever a text goes. */

import { h } from "../editor/dom.js";
import { createLifetime } from "../editor/lifetime.js";
import { mountEditor } from "../editor/mount.js";
import { createTexts } from "../editor/texts.js";
import { readClip, sameClip } from "./clip.js";
import { openDialog } from "./dialog.js";
import { followRuns, recallMeasured } from "./measured.js";
import { choosePicture, createSmartSelect, executedPicture } from "./picture.js";
import { recallView, rememberView } from "./view_memory.js";

/** @import { EditorHost, Lifetime, MeasuredRun, MountedEditor } from "../types.js" */
/** @import { Comfy, ComfyNode, ComfyWidget, FoundPicture, ImageReference } from "./host.js" */

/** The input that the picture comes in by. */
const PICTURE_INPUT = "image";
/** A constant: derived from the node's size it would grow the node each time. CSS pixels. */
const LEAST_HEIGHT = 360;
const FIRST_SIZE = /** @type {[number, number]} */ ([520, 640]);
/** Milliseconds after which a rebuilt node is on the page. */
const SETTLED = 50;
const ELEMENT_CLASS = "wanmove-widget";

/**
 * The id of the node whose editor had the keys when it went away. Without them the next key would be the graph's, and Delete
 * the node's.
 *
 * @type {string | null}
 */
let focused = null;

/**
 * One editor in one node, from when the node is in a graph until it is not.
 *
 * @typedef {object} Session
 * @property {Comfy} comfy
 * @property {ComfyNode} node
 * @property {ComfyWidget | null} widget
 * @property {HTMLElement} element
 * @property {string} text the document as the host has it
 * @property {MountedEditor | null} editor
 * @property {MountedEditor | null} dialog
 * @property {Lifetime | null} lifetime
 * @property {ImageReference | null} executed the picture that the node got in the last run
 * @property {FoundPicture | null} picture
 * @property {MeasuredRun | null} measured what was measured of a run
 */

/** @type {WeakMap<ComfyNode, Session>} */
const sessions = new WeakMap();

/**
 * @param {Comfy} comfy
 * @param {ComfyNode} node
 * @param {string} name
 * @param {string} initial
 * @returns {ComfyWidget}
 */
export function createDocumentWidget(comfy, node, name, initial) {
  // Foreign style sheets switch pointer events off in widgets; only inline styles are safe from them.
  const style = `position:relative;width:100%;height:100%;min-height:${LEAST_HEIGHT}px;pointer-events:auto`;
  const element = h("div", { class: ELEMENT_CLASS, style });
  /** @type {Session} */
  const session = {
    ...{ comfy, node, element, text: initial, widget: null, editor: null, dialog: null },
    ...{ lifetime: null, executed: null, picture: null, measured: null },
  };
  sessions.set(node, session);
  session.widget = node.addDOMWidget(name, "WANMOVE_DOCUMENT", element, {
    getValue: () => session.text,
    setValue: (value) => takeValue(session, value),
    getMinHeight: () => LEAST_HEIGHT,
    hideOnZoom: false,
  });
  node.setSize?.([Math.max(node.size?.[0] ?? 0, FIRST_SIZE[0]), Math.max(node.size?.[1] ?? 0, FIRST_SIZE[1])]);
  follow(session);
  return session.widget;
}

/**
 * Gives a node that was rebuilt (undo, another tab) its place on the page and the selection, view and playhead it had.
 *
 * @param {ComfyNode} node
 */
export function restoreView(node) {
  const session = sessions.get(node);
  if (!session?.editor) return;
  takePlace(session);
  refresh(session);
  showMeasured(session, recallMeasured(node));
  recallView(node, session.editor.store);
  if (focused !== String(node.id)) return;
  focused = null;
  session.lifetime?.later(SETTLED, () => session.editor?.focus());
}

/**
 * Mounts the editor when its node comes into a graph, and takes it away with the node. The node's own hooks still run.
 *
 * @param {Session} session
 */
function follow(session) {
  const { node } = session;
  chain(node, "onAdded", () => mount(session));
  chain(node, "onRemoved", () => unmount(session));
  chain(node, "onConnectionsChange", () => refresh(session));
  chain(node, "onExecuted", (output) => {
    session.executed = executedPicture(output) ?? session.executed;
    refresh(session);
  });
  if (node.graph) mount(session);
}

/**
 * In Nodes 2.0 the node's part of the page outlives the node where the next graph has a node of the same id, and goes on
 * showing the element of the node that is gone.
 *
 * @param {Session} session
 */
function takePlace({ node, element }) {
  if (element.isConnected) return;
  const shown = document.querySelectorAll(`[data-node-id="${CSS.escape(String(node.id))}"] .${ELEMENT_CLASS}`);
  for (const left of shown) if (!left.hasChildNodes()) left.replaceWith(element);
}

/** @param {Session} session */
function mount(session) {
  if (session.editor) return;
  const { comfy, element } = session;
  const lifetime = createLifetime();
  session.lifetime = lifetime;
  session.editor = mountEditor(element, { ...hostOf(session), size: "mini", enlarge: () => enlarge(session) });
  const update = () => refresh(session);
  for (const type of ["executed", "graphChanged"]) lifetime.listen(comfy.api, type, update);
  const means = { text: () => session.text, show: (/** @type {MeasuredRun} */ run) => showMeasured(session, run) };
  followRuns(comfy, session.node, lifetime, means);
  // Whatever else changed upstream is noticed at the latest when the pointer comes.
  lifetime.listen(element, "pointerenter", update);
  // Opened from the API's format, or moved into a subgraph, nodes are not told that all of the graph is there.
  lifetime.later(SETTLED, () => {
    takePlace(session);
    refresh(session);
  });
  refresh(session);
}

/**
 * @param {Session} session
 * @param {MeasuredRun | null} run
 */
function showMeasured(session, run) {
  if (run === session.measured) return;
  session.measured = run;
  session.editor?.setMeasured(run);
  session.dialog?.setMeasured(run);
}

/** @param {Session} session */
function unmount(session) {
  if (session.editor) rememberView(session.node, session.editor.store.state());
  if (session.element.contains(document.activeElement)) focused = String(session.node.id);
  session.lifetime?.dispose();
  session.dialog?.dispose();
  session.editor?.dispose();
  session.lifetime = session.dialog = session.editor = null;
}

/**
 * @param {Session} session
 * @returns {EditorHost}
 */
function hostOf(session) {
  return {
    document: session.text,
    picture: session.picture,
    clip: readClip(session.node),
    size: "full",
    locale: localeOf(session.comfy),
    measured: session.measured,
    commit: (text) => commit(session, text),
    selectSmartly: createSmartSelect(
      session.comfy,
      () => session.picture?.reference ?? null,
      () => session.editor,
    ),
  };
}

/**
 * A finished gesture becomes the widget's value, and in the node one step of the graph's undo. The dialog makes one step
 * of all that was done in it, when it closes.
 *
 * @param {Session} session
 * @param {string} text
 */
function commit(session, text) {
  session.text = text;
  session.widget?.callback?.(text);
  if (!session.dialog) captureGraph(session.comfy);
}

/** @param {Session} session */
function enlarge(session) {
  if (session.dialog) return;
  const before = session.text;
  session.dialog = openDialog(hostOf(session), () => {
    session.dialog = null;
    session.editor?.setDocument(session.text);
    if (session.text !== before) captureGraph(session.comfy);
  });
}

/**
 * @param {Session} session
 * @param {unknown} value a text; "", null and whatever an old file or an API prompt may hold are taken as they are
 */
function takeValue(session, value) {
  const text = typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);
  if (text === session.text) return;
  session.text = text;
  session.editor?.setDocument(text);
  session.dialog?.setDocument(text);
}

/**
 * Looks upstream and at the node's widgets again.
 *
 * @param {Session} session
 */
function refresh(session) {
  const { comfy, node, executed } = session;
  const editors = [session.editor, session.dialog].filter((editor) => editor !== null);
  if (!editors.length) return;
  const clip = readClip(node);
  const picture = choosePicture(comfy, node, PICTURE_INPUT, executed);
  const shown = picture && { url: picture.url, ...noteOf(comfy, picture) };
  for (const editor of editors) {
    if (!sameClip(editor.store.state().clip, clip)) editor.setClip(clip);
    if (picture?.url !== session.picture?.url || picture?.through !== session.picture?.through) editor.setPicture(shown);
  }
  session.picture = picture;
}

/**
 * @param {Comfy} comfy
 * @param {FoundPicture} picture
 */
function noteOf(comfy, { through }) {
  return through ? { note: createTexts(localeOf(comfy))("comfy.before", { nodes: through }) } : {};
}

/** @param {Comfy} comfy */
function localeOf({ app }) {
  const locale = app.extensionManager?.setting?.get("Comfy.Locale");
  return typeof locale === "string" ? locale : "en";
}

/**
 * Programmatic changes are not noticed by ComfyUI's undo; this is how an extension says that there was one.
 *
 * @param {Comfy} comfy
 */
function captureGraph({ app }) {
  const tracker = app.extensionManager?.workflow?.activeWorkflow?.changeTracker;
  (tracker?.captureCanvasState ?? tracker?.checkState)?.call(tracker);
}

/**
 * Adds to what a node does at one of its hooks.
 *
 * @template {"onAdded" | "onRemoved" | "onConnectionsChange" | "onExecuted"} Hook
 * @param {ComfyNode} node
 * @param {Hook} hook
 * @param {(first: unknown) => void} after
 */
function chain(node, hook, after) {
  const before = node[hook];
  node[hook] = function (/** @type {unknown[]} */ ...values) {
    const result = before?.apply(this, values);
    after(values[0]);
    return result;
  };
}
