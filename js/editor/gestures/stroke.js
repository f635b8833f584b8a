/** Free strokes: the lasso, the brush, the pencil and the marks of smart select. */

import { setLayer, withPath } from "../../model/edits.js";
import { fitBrush, fitLasso, fitPencil } from "../../model/fit_path.js";
import { hitTest } from "../../model/hit.js";
import { selectLayers } from "../../model/selection.js";
import { edit, NO_GESTURE, settleSelection } from "../history.js";
import { markedSmart } from "../smart_select.js";
import { addMovable } from "./new_layers.js";
import { note, reachOf } from "./pointer.js";
import { strokeTarget } from "./targets.js";

/** @import { EditorState, Gesture, ImagePoint, PointerInput } from "../../types.js" */
/** @typedef {Extract<Gesture, { kind: "stroke" }>} Stroke */

/** CSS pixels: nearer points say nothing new. */
const STEP = 0.5;
/** CSS pixels: a shorter stroke was a click. */
const SHORTEST = 4;

/**
 * @param {EditorState} state
 * @param {PointerInput} input
 * @param {Stroke["tool"]} tool
 * @returns {EditorState}
 */
export function pressStroke(state, input, tool) {
  return { ...state, gesture: { kind: "stroke", tool, points: [input.at] } };
}

/**
 * @param {EditorState} state
 * @param {Stroke} gesture
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function moveStroke(state, gesture, input) {
  const last = gesture.points[gesture.points.length - 1];
  if (away(last, input.at) * state.viewport.scale < STEP) return state;
  return { ...state, gesture: { ...gesture, points: [...gesture.points, input.at] } };
}

/**
 * @param {EditorState} state
 * @param {Stroke} gesture
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function releaseStroke(state, gesture, input) {
  const rest = { ...state, gesture: NO_GESTURE };
  switch (gesture.tool) {
    case "lasso":
      return finishLasso(rest, gesture.points);
    case "brush":
      return addMovable(rest, { kind: "brush", points: fitBrush(gesture.points), radius: state.options.brushRadius });
    case "pencil":
      return finishPencil(rest, gesture.points, reachOf(input));
    default:
      return markedSmart(rest, gesture.tool === "keep", fitBrush(gesture.points));
  }
}

/**
 * @param {EditorState} state
 * @param {readonly ImagePoint[]} points
 * @returns {EditorState}
 */
function finishLasso(state, points) {
  if (isClick(state, points)) return state;
  const outline = fitLasso(points);
  if (!outline) return note(state, "notice.lasso-empty", "note");
  return addMovable(state, { kind: "polygon", points: outline });
}

/**
 * @param {EditorState} state
 * @param {readonly ImagePoint[]} points
 * @param {number} reach
 * @returns {EditorState}
 */
function finishPencil(state, points, reach) {
  if (isClick(state, points)) {
    const hit = hitTest(state, points[0], reach);
    return hit.kind === "layer" ? settleSelection({ ...state, selection: selectLayers([hit.layer]) }) : state;
  }
  const { state: aimed, layer } = strokeTarget(state, points[0], reach);
  const path = fitPencil(points);
  if (layer < 0 || !path) return layer < 0 ? aimed : state;
  const { document, selection } = aimed;
  return edit(state, setLayer(document, layer, withPath(document.layers[layer], path)), selection);
}

/**
 * @param {EditorState} state
 * @param {readonly ImagePoint[]} points
 */
function isClick({ viewport }, points) {
  let length = 0;
  for (let index = 1; index < points.length; index += 1) length += away(points[index - 1], points[index]);
  return length * viewport.scale < SHORTEST;
}

/**
 * @param {ImagePoint} a
 * @param {ImagePoint} b
 */
function away(a, b) {
  return Math.hypot(b[0] - a[0], b[1] - a[1]);
}
