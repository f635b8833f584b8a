/** A rectangle over empty ground selects the layers that it touches, else points of the selected layer's path. */

import { groupOf } from "../../model/edits.js";
import { pathPlaces } from "../../model/hit.js";
import { NOTHING_SELECTED, onlyLayer, selectLayers } from "../../model/selection.js";
import { boxAround, layerCorners } from "../../model/selection_box.js";
import { NO_GESTURE, settleSelection } from "../history.js";
import { hasMoved } from "./pointer.js";

/** @import { Box, EditorState, Gesture, ImagePoint, PointerInput, Selection } from "../../types.js" */
/** @typedef {Extract<Gesture, { kind: "marquee" }>} Marquee */

/**
 * @param {EditorState} state
 * @param {Marquee} gesture
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function moveMarquee(state, gesture, input) {
  return { ...state, gesture: { ...gesture, to: input.at } };
}

/**
 * @param {EditorState} state
 * @param {Marquee} gesture
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function releaseMarquee(state, { from, to, add }, input) {
  const rest = { ...state, gesture: NO_GESTURE };
  const isClick = !hasMoved(state, from, { ...input, at: to });
  const selection = isClick ? (add ? state.selection : NOTHING_SELECTED) : caught(state, boxAround([from, to]), add);
  return settleSelection({ ...rest, selection });
}

/**
 * @param {EditorState} state
 * @param {Box} box
 * @param {boolean} add
 * @returns {Selection}
 */
function caught(state, box, add) {
  const { document, selection } = state;
  const touched = [...document.layers.keys()].filter((index) => touches(state, index, box));
  const layers = touched.flatMap((index) => groupOf(document, index));
  if (layers.length) return selectLayers(add ? [...selection.layers, ...layers] : layers);
  const points = caughtPoints(state, box);
  if (points.length) return { layers: selection.layers, points: add ? union(selection.points, points) : points, key: null };
  return add ? selection : NOTHING_SELECTED;
}

/**
 * @param {EditorState} state
 * @param {number} index
 * @param {Box} box
 */
function touches(state, index, box) {
  const layer = state.document.layers[index];
  if (!layer.enabled || layer.locked || layer.region.kind === "frame" || layer.region.kind === "rest") return false;
  const [left, top, right, bottom] = boxAround(layerCorners(state, layer));
  return left <= box[2] && right >= box[0] && top <= box[3] && bottom >= box[1];
}

/**
 * @param {EditorState} state
 * @param {Box} box
 */
function caughtPoints({ document, selection }, box) {
  const layer = document.layers[onlyLayer(selection)];
  if (!layer || layer.locked) return [];
  const isInside = (/** @type {ImagePoint} */ [x, y]) => x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3];
  return pathPlaces(document, layer).flatMap((place, index) => (isInside(place) ? [index] : []));
}

/**
 * @param {readonly number[]} a
 * @param {readonly number[]} b
 */
function union(a, b) {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}
