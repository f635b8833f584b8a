/** Dragging what lies under the pointer: layers, handles of the box, points of paths and regions. */

import { groupOf, insertOnPath, isStill, movable, setLayer } from "../../model/edits.js";
import { hitTest, nearestOnPath } from "../../model/hit.js";
import { normaliseSelection, selectLayers } from "../../model/selection.js";
import { momentOf } from "../../model/selection_box.js";
import { commit, edit, NO_GESTURE, settleSelection } from "../history.js";
import { dragged } from "./dragged.js";
import { hasMoved, note, reachOf } from "./pointer.js";

/** @import { EditorState, Gesture, Hit, PointerInput, Selection } from "../../types.js" */
/** @typedef {Extract<Gesture, { kind: "drag" }>} Drag */

/**
 * @param {EditorState} state
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function pressSelect(state, input) {
  const hit = hitTest(state, input.at, reachOf(input));
  if (hit.kind === "path" && input.clicks === 2) return insertPoint(state, hit.layer, input);
  if (hit.kind !== "nothing")
    return startDrag({ ...state, selection: selectionAfterPress(state, hit, input.shift) }, hit, input);
  return { ...state, gesture: { kind: "marquee", from: input.at, to: input.at, add: input.shift } };
}

/**
 * @param {EditorState} state
 * @param {Hit} hit
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function startDrag(state, hit, input) {
  return { ...state, gesture: { kind: "drag", hit, from: input.at, before: state.document, moved: false } };
}

/**
 * @param {EditorState} state
 * @param {Drag} gesture
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function moveDrag(state, gesture, input) {
  if (!gesture.moved && !hasMoved(state, gesture.from, input)) return state;
  return { ...state, document: dragged(state, gesture, input), gesture: gesture.moved ? gesture : { ...gesture, moved: true } };
}

/**
 * @param {EditorState} state
 * @param {Drag} gesture
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function releaseDrag(state, gesture, input) {
  if (gesture.moved) return told(commit({ ...state, gesture: NO_GESTURE }), gesture);
  const { document } = state.committed;
  const selection = normaliseSelection(document, selectionAfterClick(state, gesture.hit, input.shift));
  return settleSelection({ ...state, document, selection, gesture: NO_GESTURE });
}

/**
 * Path points that a press on one of them selects.
 *
 * @param {Selection} selection
 * @param {number} index
 * @param {boolean} add
 * @returns {Selection}
 */
export function withPoint(selection, index, add) {
  if (selection.points.includes(index)) return selection;
  return { ...selection, points: add ? [...selection.points, index].sort((a, b) => a - b) : [index], key: null };
}

/**
 * @param {EditorState} state
 * @param {Hit} hit
 * @param {boolean} add
 * @returns {Selection}
 */
function selectionAfterPress({ document, selection }, hit, add) {
  if (hit.kind === "path-point") return withPoint(selection, hit.index, add);
  if (hit.kind !== "layer") return selection;
  if (selection.layers.includes(hit.layer))
    return selection.points.length || selection.key ? selectLayers(selection.layers) : selection;
  const group = groupOf(document, hit.layer);
  return selectLayers(add ? [...selection.layers, ...group] : group);
}

/**
 * What was selected before the press says whether a click adds, takes away or chooses one of several.
 *
 * @param {EditorState} state
 * @param {Hit} hit
 * @param {boolean} add
 * @returns {Selection}
 */
function selectionAfterClick({ document, selection, committed }, hit, add) {
  const before = committed.selection;
  if (hit.kind === "path-point") {
    const others = before.points.filter((index) => index !== hit.index);
    return add && others.length < before.points.length
      ? { ...selection, points: others }
      : { ...withPoint({ ...selection, points: add ? selection.points : [] }, hit.index, add) };
  }
  if (hit.kind !== "layer") return selection;
  const group = groupOf(document, hit.layer);
  if (!add) return selectLayers(group);
  return before.layers.includes(hit.layer) ? selectLayers(before.layers.filter((index) => !group.includes(index))) : selection;
}

/**
 * @param {EditorState} state
 * @param {number} index
 * @param {PointerInput} input
 * @returns {EditorState}
 */
function insertPoint(state, index, input) {
  const layer = state.document.layers[index];
  const near = nearestOnPath(state.document, layer, input.at);
  if (!near) return state;
  const added = insertOnPath(layer, near.share);
  if (added.index < 0) return note(state, "notice.full-path", "error");
  return edit(state, setLayer(state.document, index, added.layer), { layers: [index], points: [added.index], key: null });
}

/**
 * The state with the reason why a drag of layers did nothing, if that is the moment.
 *
 * @param {EditorState} state
 * @param {Drag} gesture
 * @returns {EditorState}
 */
function told(state, { before, hit }) {
  if (state.document !== before || (hit.kind !== "layer" && hit.kind !== "handle")) return state;
  const chosen = movable(before, state.selection.layers);
  const moment = momentOf(state);
  if (state.progress === 0 || !chosen.length || !chosen.every((index) => isStill(before.layers[index], moment))) return state;
  return note(state, "notice.still", "note");
}
