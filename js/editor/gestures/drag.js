/** Dragging what lies under the pointer: layers, handles of the box, points of paths and regions. */

import {
  groupOf,
  insertOnPath,
  insertRegionPoint,
  isStart,
  isStill,
  movable,
  nearestEdge,
  setLayer,
} from "../../model/edits.js";
import { hitTest, nearestOnPath } from "../../model/hit.js";
import { normaliseSelection, onlyLayer, selectLayers } from "../../model/selection.js";
import { momentOf } from "../../model/selection_box.js";
import { commit, edit, NO_GESTURE, settleSelection } from "../history.js";
import { dragged, ledAround } from "./dragged.js";
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
  const isPlace = hit.kind === "path-point" || hit.kind === "path-handle" || hit.kind === "region-point";
  if (input.clicks === 2 && !isPlace && isOnEdge(state, input)) return insertCorner(state, onlyLayer(state.selection), input);
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
  const led = ledAround(state, gesture, input);
  return { ...state, document: dragged(state, led, input), gesture: led.moved ? led : { ...led, moved: true } };
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
 * Corners of the region that a press on one of them selects.
 *
 * @param {Selection} selection
 * @param {number} index
 * @param {boolean} add
 * @returns {Selection}
 */
function withCorner(selection, index, add) {
  const there = selection.regionPoints ?? [];
  if (there.includes(index)) return selection;
  return { ...selection, points: [], key: null, regionPoints: add ? [...there, index].sort((a, b) => a - b) : [index] };
}

/**
 * @param {EditorState} state
 * @param {Hit} hit
 * @param {boolean} add
 * @returns {Selection}
 */
function selectionAfterPress({ document, selection }, hit, add) {
  if (hit.kind === "path-point") return withPoint(selection, hit.index, add);
  if (hit.kind === "region-point") return withCorner(selection, hit.index, add);
  if (hit.kind !== "layer") return selection;
  if (selection.layers.includes(hit.layer))
    return selection.points.length || selection.key || selection.regionPoints ? selectLayers(selection.layers) : selection;
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
  if (hit.kind === "region-point") {
    const there = before.regionPoints ?? [];
    const others = there.filter((index) => index !== hit.index);
    return add && others.length < there.length
      ? { ...selection, regionPoints: others }
      : withCorner({ ...selection, regionPoints: add ? selection.regionPoints : [] }, hit.index, add);
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
 * Whether the pointer is on an edge of the only selected region, at the start, where regions are what is changed.
 *
 * @param {EditorState} state
 * @param {PointerInput} input
 */
function isOnEdge(state, input) {
  const layer = state.document.layers[onlyLayer(state.selection)];
  if (!layer || layer.locked || !layer.enabled || !isStart(momentOf(state))) return false;
  const edge = nearestEdge(layer.region, input.at);
  return edge !== null && edge.distance * state.viewport.scale <= reachOf(input);
}

/**
 * @param {EditorState} state
 * @param {number} index
 * @param {PointerInput} input
 * @returns {EditorState}
 */
function insertCorner(state, index, input) {
  const added = insertRegionPoint(state.document.layers[index], input.at);
  if (added.index < 0) return note(state, "notice.full-path", "error");
  const selection = { layers: [index], points: [], key: null, regionPoints: [added.index] };
  return edit(state, setLayer(state.document, index, added.layer), selection);
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
