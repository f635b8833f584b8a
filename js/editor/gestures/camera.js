/** The camera tool: the picture itself is dragged, zoomed and rolled. */

import { selectedCamera } from "../../model/boxed_layers.js";
import { makeLayer } from "../../model/document.js";
import { addLayers, isFull, isStart } from "../../model/edits.js";
import { hitTest } from "../../model/hit.js";
import { selectLayers } from "../../model/selection.js";
import { momentOf } from "../../model/selection_box.js";
import { startDrag } from "./drag.js";
import { note, reachOf } from "./pointer.js";

/** @import { EditorState, PointerInput } from "../../types.js" */

/**
 * A camera moves from the start picture on, so at the start the end of the clip is what is set.
 *
 * @param {EditorState} state
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function pressCamera(state, input) {
  const hit = hitTest(state, input.at, reachOf(input));
  const aimed = withCamera(afterStart(state));
  const layer = selectedCamera(aimed.document, aimed.selection);
  if (layer < 0) return aimed;
  if (aimed.document.layers[layer].locked) return note(state, "notice.locked", "note");
  const selected = { ...aimed, selection: selectLayers([layer]) };
  return startDrag(selected, hit.kind === "handle" ? hit : { kind: "layer", layer }, input);
}

/**
 * The state with a camera, made if there is none; not yet committed.
 *
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function withCamera(state) {
  const { document } = state;
  if (selectedCamera(document, state.selection) >= 0) return state;
  if (isFull(document)) return note(state, "notice.full", "error");
  return { ...state, document: addLayers(document, [makeLayer({ region: { kind: "frame" } })]) };
}

/**
 * With the camera tool: the camera selected, the playhead where it can be moved.
 *
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function takeCamera(state) {
  const layer = selectedCamera(state.document, state.selection);
  return afterStart(layer < 0 ? state : { ...state, selection: selectLayers([layer]) });
}

/**
 * @param {EditorState} state
 * @returns {EditorState}
 */
function afterStart(state) {
  return isStart(momentOf(state)) ? { ...state, progress: 1 } : state;
}
