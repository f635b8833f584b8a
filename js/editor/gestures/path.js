/** The points tool and the pen: click after click a path becomes longer. With the pen a drag pulls the handles of its point. */

import { appendPoint, moveLastPoint, pathPlaces, setHandle, setLayer } from "../../model/edits.js";
import { hitTest } from "../../model/hit.js";
import { anchorOf } from "../../model/motion.js";
import { onlyLayer, selectLayers } from "../../model/selection.js";
import { commit, NO_GESTURE, restore } from "../history.js";
import { startDrag, withPoint } from "./drag.js";
import { withRegion } from "./new_layers.js";
import { hasMoved, note, reachOf, way } from "./pointer.js";

/** @import { EditorState, Gesture, ImagePoint, Layer, Pair, PointerInput } from "../../types.js" */
/** @typedef {Extract<Gesture, { kind: "path" }>} PathGesture */

/** What a first path is, by tool. */
const KINDS = { points: /** @type {const} */ ("catmull-rom"), pen: /** @type {const} */ ("bezier") };

/** @type {Pair} */
const NO_WAY = [0, 0];

/**
 * @param {EditorState} state
 * @param {PointerInput} input
 * @param {PathGesture["tool"]} tool
 * @returns {EditorState}
 */
export function pressPath(state, input, tool) {
  const hit = hitTest(state, input.at, reachOf(input));
  if (hit.kind === "path-point") {
    return startDrag({ ...state, selection: withPoint(state.selection, hit.index, input.shift) }, hit, input);
  }
  if (hit.kind === "path-handle") return startDrag(state, hit, input);
  const only = onlyLayer(state.selection);
  if (only >= 0) return addPoint(begin(state, only, tool, input.at), input);
  if (hit.kind === "layer") return begin({ ...state, selection: selectLayers([hit.layer]) }, hit.layer, tool, input.at);
  const added = withRegion(state, { kind: "point", at: [input.at[0], input.at[1]] });
  if (added.document === state.document) return added;
  return begin({ ...added, document: added.document }, state.document.layers.length, tool, input.at);
}

/**
 * The next click of a path.
 *
 * @param {EditorState} state
 * @param {PathGesture} gesture
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function pressAgain(state, gesture, input) {
  if (input.clicks >= 2) return finishPath(state);
  const before = { document: state.document, leaving: gesture.leaving ?? NO_WAY };
  return addPoint({ ...state, gesture: { ...gesture, pressed: true, clicks: [...(gesture.clicks ?? []), before] } }, input);
}

/**
 * @param {EditorState} state
 * @param {PathGesture} gesture
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function movePath(state, gesture, input) {
  const followed = { ...state, gesture: { ...gesture, to: input.at } };
  if (!gesture.pressed) return followed;
  const layer = state.document.layers[gesture.layer];
  const hasPoint = layer.motion.path !== null && layer.motion.path !== gesture.before.layers[gesture.layer]?.motion.path;
  if (!hasPoint) return { ...state, gesture: { ...gesture, leaving: pulled(state, gesture, input) } };
  const moved =
    gesture.tool === "pen" ? withHandle(state, gesture, input) : moveLastPoint(state.document, gesture.layer, input.at);
  return { ...followed, document: setLayer(state.document, gesture.layer, moved) };
}

/**
 * @param {EditorState} state
 * @param {PathGesture} gesture
 * @returns {EditorState}
 */
export function releasePath(state, gesture) {
  return { ...state, gesture: { ...gesture, pressed: false } };
}

/**
 * The path in several clicks as one step.
 *
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function finishPath(state) {
  return state.gesture.kind === "path" ? commit({ ...state, gesture: NO_GESTURE }) : state;
}

/**
 * Without the last click; without the gesture where that was the first.
 *
 * @param {EditorState} state
 * @param {PathGesture} gesture
 * @returns {EditorState}
 */
export function stepBackOnPath(state, gesture) {
  const last = gesture.clicks?.at(-1);
  if (!last) return restore(state);
  const { document, leaving } = last;
  return { ...state, document, gesture: { ...gesture, leaving, clicks: gesture.clicks?.slice(0, -1), pressed: false } };
}

/**
 * @param {EditorState} state
 * @param {number} layer
 * @param {PathGesture["tool"]} tool
 * @param {ImagePoint} to
 * @returns {EditorState}
 */
function begin(state, layer, tool, to) {
  if (state.document.layers[layer].locked) return note(state, "notice.locked", "note");
  const before = state.committed.document;
  return { ...state, gesture: { kind: "path", tool, layer, before, pressed: true, to, leaving: NO_WAY } };
}

/**
 * @param {EditorState} state
 * @param {PointerInput} input
 * @returns {EditorState}
 */
function addPoint(state, input) {
  const { gesture, document } = state;
  if (gesture.kind !== "path") return state;
  const at = input.shift ? straightened(state, gesture.layer, input.at) : input.at;
  const fresh = { kind: KINDS[gesture.tool], leaving: gesture.leaving ?? NO_WAY };
  const longer = appendPoint(document, gesture.layer, at, fresh);
  if (longer === document.layers[gesture.layer]) return note(state, "notice.full-path", "error");
  return { ...state, document: setLayer(document, gesture.layer, longer), gesture: { ...gesture, to: at } };
}

/**
 * The handle that the pen pulls out of a first point; `to` stays where it was pressed meanwhile.
 *
 * @param {EditorState} state
 * @param {PathGesture} gesture
 * @param {PointerInput} input
 * @returns {Pair}
 */
function pulled(state, gesture, input) {
  if (gesture.tool !== "pen" || !hasMoved(state, gesture.to, input)) return gesture.leaving ?? NO_WAY;
  return way(gesture.to, input.at, input.shift);
}

/**
 * @param {EditorState} state
 * @param {PathGesture} gesture
 * @param {PointerInput} input
 * @returns {Layer}
 */
function withHandle({ document }, gesture, input) {
  const layer = document.layers[gesture.layer];
  const last = (layer.motion.path?.points.length ?? 1) - 1;
  const place = pathPlaces(document, layer)[last];
  const [x, y] = way(place, input.at, input.shift);
  return setHandle(setHandle(layer, last, "out", [x, y], false), last, "in", [-x, -y], false);
}

/**
 * @param {EditorState} state
 * @param {number} index
 * @param {ImagePoint} at
 * @returns {ImagePoint}
 */
function straightened({ document }, index, at) {
  const layer = document.layers[index];
  const from = pathPlaces(document, layer).at(-1) ?? anchorOf(document, layer);
  const [x, y] = way(from, at, true);
  return [from[0] + x, from[1] + y];
}
