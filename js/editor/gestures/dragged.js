/** The document that a drag makes of the one that it started from. */

import { boxedLayers } from "../../model/boxed_layers.js";
import {
  anchorPlace,
  changeLayers,
  growSelected,
  isPlace,
  isSmooth,
  isStart,
  movePathPoints,
  moveRegionPoints,
  moveSelected,
  ownShift,
  setHandle,
  setLayer,
  setRadius,
  turnSelected,
  withMotion,
} from "../../model/edits.js";
import { anchorOf } from "../../model/motion.js";
import { momentOf, selectionCorners } from "../../model/selection_box.js";
import { tidy } from "../../model/tidy.js";
import { way } from "./pointer.js";

/** @import { EditorState, Gesture, Handle, Hit, ImagePoint, Pair, PointerInput, TrackDocument } from "../../types.js" */
/** @import { Corners } from "../../model/selection_box.js" */
/** @typedef {Extract<Gesture, { kind: "drag" }>} Drag */

const TURN_STEP = 15;
const LEAST_FACTOR = 0.01;

/**
 * @param {EditorState} state
 * @param {Drag} gesture
 * @param {PointerInput} input
 * @returns {TrackDocument}
 */
export function dragged(state, { hit, from, before, turned }, input) {
  const by = way(from, input.at, input.shift);
  switch (hit.kind) {
    case "handle":
      return draggedHandle({ ...state, document: before }, hit.handle, { from, input, degrees: turned?.degrees ?? 0 });
    case "path-point":
      return setLayer(before, hit.layer, movePathPoints(before, hit.layer, state.selection.points, by));
    case "path-handle":
      return draggedPathHandle(before, hit, by, !input.control);
    case "region-point":
      return setLayer(before, hit.layer, moveRegionPoints(before.layers[hit.layer], state.selection.regionPoints ?? [], by));
    case "layer":
    case "path":
      return moveSelected(before, state.selection.layers, by, momentOf(state));
    default:
      return before;
  }
}

/**
 * The drag with how far its pointer has gone around what the selection turns about: several turns add up.
 *
 * @param {EditorState} state
 * @param {Drag} gesture
 * @param {PointerInput} input
 * @returns {Drag}
 */
export function ledAround(state, gesture, { at }) {
  const { hit, before, from, turned = { to: from, degrees: 0 } } = gesture;
  if (hit.kind !== "handle" || hit.handle.kind !== "rotate") return gesture;
  const then = { ...state, document: before };
  const [layers, corners] = [boxedLayers(then), selectionCorners(then)];
  if (!layers.length || !corners) return gesture;
  const [x, y] = pivotOf(then, layers, corners);
  const angle = Math.atan2(at[1] - y, at[0] - x) - Math.atan2(turned.to[1] - y, turned.to[0] - x);
  const degrees = turned.degrees + (Math.atan2(Math.sin(angle), Math.cos(angle)) * 180) / Math.PI;
  return { ...gesture, turned: { to: at, degrees } };
}

/**
 * @param {TrackDocument} before
 * @param {Extract<Hit, { kind: "path-handle" }>} hit
 * @param {Pair} by
 * @param {boolean} smooth keep a smooth point smooth
 * @returns {TrackDocument}
 */
function draggedPathHandle(before, { layer: index, index: point, side }, by, smooth) {
  const layer = before.layers[index];
  const { path } = layer.motion;
  const row = path?.handles[point];
  if (!path || !row) return before;
  const [x, y] = side === "in" ? [row[0], row[1]] : [row[2], row[3]];
  return setLayer(before, index, setHandle(layer, point, side, [x + by[0], y + by[1]], smooth && isSmooth(path, point)));
}

/**
 * @param {EditorState} state with the document before the drag
 * @param {Handle} handle
 * @param {{ from: ImagePoint, input: PointerInput, degrees: number }} pull
 * @returns {TrackDocument}
 */
function draggedHandle(state, handle, { from, input, degrees }) {
  const layers = boxedLayers(state);
  const corners = selectionCorners(state);
  if (!layers.length || !corners) return state.document;
  const single = layers.length === 1 ? state.document.layers[layers[0]] : null;
  switch (handle.kind) {
    case "rotate": {
      const pivot = pivotOf(state, layers, corners);
      const by = input.shift ? Math.round(degrees / TURN_STEP) * TURN_STEP : degrees;
      return turnSelected(state.document, layers, by, pivot, momentOf(state));
    }
    case "scale":
      return scaled(state, layers, corners, { corner: handle.corner, from, input });
    case "anchor":
      return single ? withAnchorAt(state, layers[0], way(from, input.at, input.shift)) : state.document;
    case "radius":
      return changeLayers(state.document, layers.slice(0, 1), (layer) => {
        if (layer.region.kind !== "disc") return layer;
        const [x, y] = layer.region.centre;
        const grown = Math.hypot(input.at[0] - x, input.at[1] - y) - Math.hypot(from[0] - x, from[1] - y);
        return setRadius(layer, layer.region.radius + grown);
      });
  }
}

/**
 * What a layer turns and grows about, or several together, as shown at the moment.
 *
 * @param {EditorState} state
 * @param {readonly number[]} layers
 * @param {Corners} corners
 */
function pivotOf({ document, progress }, layers, corners) {
  return layers.length === 1 ? anchorPlace(document, document.layers[layers[0]], progress) : middleOf(corners);
}

/**
 * @param {EditorState} state
 * @param {readonly number[]} layers
 * @param {Corners} corners
 * @param {{ corner: number, from: ImagePoint, input: PointerInput }} pull
 * @returns {TrackDocument}
 */
function scaled(state, layers, corners, { corner, from, input }) {
  const { document } = state;
  const moment = momentOf(state);
  const held = placeOnBox(corners, corner);
  /** @type {Pair} */
  const to = [held[0] + input.at[0] - from[0], held[1] + input.at[1] - from[1]];
  if (!isStart(moment)) {
    const pivot = pivotOf(state, layers, corners);
    const factor = along(pivot, held, to);
    return growSelected(document, layers, [factor, factor], pivot, moment);
  }
  const pivot = placeOnBox(corners, (corner + 4) % 8);
  const isRound = layers.every((index) => ["disc", "point"].includes(document.layers[index].region.kind));
  const factor = along(pivot, held, to);
  const factors = isRound || input.shift ? /** @type {Pair} */ ([factor, factor]) : eachWay(pivot, held, to);
  return growSelected(document, layers, factors, pivot, moment);
}

/**
 * By how much a place is farther from a pivot, along the line through both.
 *
 * @param {Pair} pivot
 * @param {Pair} from
 * @param {Pair} to
 */
function along(pivot, from, to) {
  const [across, down] = [from[0] - pivot[0], from[1] - pivot[1]];
  const squared = across * across + down * down;
  if (squared < 1e-9) return 1;
  return Math.max(LEAST_FACTOR, ((to[0] - pivot[0]) * across + (to[1] - pivot[1]) * down) / squared);
}

/**
 * @param {Pair} pivot
 * @param {Pair} from
 * @param {Pair} to
 * @returns {Pair}
 */
function eachWay(pivot, from, to) {
  const factor = (/** @type {0 | 1} */ axis) => {
    const size = from[axis] - pivot[axis];
    return Math.abs(size) < 1e-6 ? 1 : Math.max(1 / Math.max(Math.abs(size), 1), (to[axis] - pivot[axis]) / size);
  };
  return [factor(0), factor(1)];
}

/**
 * @param {Corners} corners
 * @param {number} index 0 ... 7, clockwise from the top left corner
 * @returns {ImagePoint}
 */
function placeOnBox(corners, index) {
  const corner = corners[index >> 1];
  if (index % 2 === 0) return corner;
  const next = corners[((index >> 1) + 1) % 4];
  return [(corner[0] + next[0]) / 2, (corner[1] + next[1]) / 2];
}

/**
 * @param {Corners} corners
 * @returns {Pair}
 */
function middleOf([northwest, , southeast]) {
  return [(northwest[0] + southeast[0]) / 2, (northwest[1] + southeast[1]) / 2];
}

/**
 * @param {EditorState} state
 * @param {number} index
 * @param {Pair} by
 * @returns {TrackDocument}
 */
function withAnchorAt({ document, progress }, index, by) {
  const layer = document.layers[index];
  const [x, y] = anchorOf(document, layer);
  const [across, down] = ownShift(document, index, by, progress);
  /** @type {Pair} */
  const anchor = [tidy(x + across), tidy(y + down)];
  return anchor.every(isPlace) ? setLayer(document, index, withMotion(layer, { anchor })) : document;
}
