/** Which layer a drawn path is for. */

import { hitTest } from "../../model/hit.js";
import { onlyLayer, selectLayers } from "../../model/selection.js";
import { withRegion } from "./new_layers.js";
import { note } from "./pointer.js";

/** @import { EditorState, ImagePoint } from "../../types.js" */

/**
 * The state with the layer selected that a stroke from `at` moves: the selected one, else the one under the pointer, else a new
 * point there (not yet committed). A selected point that has its path already keeps it where the stroke starts elsewhere.
 * -1 and a notice where there is none.
 *
 * @param {EditorState} state
 * @param {ImagePoint} at
 * @param {number} reach CSS pixels
 * @returns {{ state: EditorState, layer: number }}
 */
export function strokeTarget(state, at, reach) {
  const only = onlyLayer(state.selection);
  const hit = hitTest({ ...state, tool: "pencil" }, at, reach);
  const under = hit.kind === "layer" ? hit.layer : -1;
  if (only >= 0 && (under === only || takesStroke(state, only))) return freeTarget(state, only);
  if (under >= 0) return freeTarget({ ...state, selection: selectLayers([under]) }, under);
  const added = withRegion(state, { kind: "point", at: [at[0], at[1]] });
  return { state: added, layer: added.document === state.document ? -1 : state.document.layers.length };
}

/**
 * @param {EditorState} state
 * @param {number} index
 */
function takesStroke({ document }, index) {
  const { region, motion } = document.layers[index];
  return region.kind !== "point" || !motion.path;
}

/**
 * @param {EditorState} state
 * @param {number} index
 */
function freeTarget(state, index) {
  if (state.document.layers[index].locked) return { state: note(state, "notice.locked", "note"), layer: -1 };
  return { state, layer: index };
}
