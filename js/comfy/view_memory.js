/** What was selected and seen in a node's editor, kept while ComfyUI rebuilds the node. Not part of any file. */

/** @import { EditorState, Store } from "../types.js" */
/** @import { ComfyNode } from "./host.js" */

/** @typedef {Pick<EditorState, "selection" | "viewport" | "progress" | "overlays" | "tool">} Seen */

const MOST = 64;

/** @type {Map<string, Seen>} */
const memory = new Map();

/**
 * @param {ComfyNode} node
 * @param {EditorState} state
 */
export function rememberView(node, { selection, viewport, progress, overlays, tool }) {
  const key = keyOf(node);
  memory.delete(key);
  memory.set(key, { selection, viewport, progress, overlays, tool });
  for (const oldest of memory.keys()) if (memory.size > MOST) memory.delete(oldest);
}

/**
 * @param {ComfyNode} node
 * @param {Store} store
 */
export function recallView(node, store) {
  const seen = memory.get(keyOf(node));
  if (!seen) return;
  const count = store.state().document.layers.length;
  const layers = seen.selection.layers.filter((index) => index < count);
  store.dispatch({ type: "set-tool", tool: seen.tool });
  store.dispatch({ type: "select", selection: { layers, points: [], key: null } });
  store.dispatch({ type: "set-viewport", viewport: seen.viewport });
  store.dispatch({ type: "set-progress", progress: seen.progress });
  store.dispatch({ type: "set-overlays", overlays: seen.overlays });
}

/** What a node is known by while ComfyUI rebuilds it. @param {ComfyNode} node */
export function keyOf(node) {
  return `${node.graph?.id ?? ""}:${node.id}`;
}
