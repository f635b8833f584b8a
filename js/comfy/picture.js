/** Which picture the editor shows, and smart select on it. */

import { findPicture, viewUrl } from "./upstream.js";

/** @import { EditorHost, MountedEditor } from "../types.js" */
/** @import { Comfy, ComfyNode, FoundPicture, ImageReference } from "./host.js" */

/** The key under which the node's Python sends the picture that it got. */
const EXECUTED_KEY = "wanmove_picture";

/**
 * The loader's own picture where nothing stands between; else what the node got in its last run; else the loader's, which
 * is a guess.
 *
 * @param {Comfy} comfy
 * @param {ComfyNode} node
 * @param {string} input
 * @param {ImageReference | null} executed
 * @returns {FoundPicture | null}
 */
export function choosePicture(comfy, node, input, executed) {
  const found = findPicture(comfy, node, input);
  if ((found && !found.through) || !executed) return found;
  return { url: viewUrl(comfy.api, executed), through: "", reference: executed };
}

/**
 * @param {unknown} output what the node's run sent to the page
 * @returns {ImageReference | null}
 */
export function executedPicture(output) {
  if (typeof output !== "object" || output === null || !(EXECUTED_KEY in output)) return null;
  const sent = output[EXECUTED_KEY];
  const first = Array.isArray(sent) ? sent[0] : null;
  return typeof first?.filename === "string" ? first : null;
}

/**
 * Smart select, asked of the pack's route. It is given a reference that ComfyUI resolves in its folders, never a path.
 *
 * @param {Comfy} comfy
 * @param {() => ImageReference | null} reference
 * @param {() => MountedEditor | null} editor
 * @returns {NonNullable<EditorHost["selectSmartly"]>}
 */
export function createSmartSelect({ api }, reference, editor) {
  return async (request, signal) => {
    const { width, height } = editor()?.store.state().document ?? { width: 1, height: 1 };
    const body = JSON.stringify({ ...request, image: reference(), width, height });
    const headers = { "Content-Type": "application/json" };
    const response = await api.fetchApi("/wanmove/segment", { method: "POST", headers, body, signal });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.error ?? `The server answered ${response.status}.`);
    return answer.points;
  };
}
