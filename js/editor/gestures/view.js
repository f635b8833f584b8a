/** Moving the view: the hand and the magnifying glass. Nothing here touches the document. */

import { boxAround } from "../../model/selection_box.js";
import { fitBox, imageToView, panBy, zoomAt } from "../../model/viewport.js";
import { NO_GESTURE } from "../history.js";
import { hasMoved } from "./pointer.js";

/** @import { EditorState, Gesture, PointerInput } from "../../types.js" */
/** @typedef {Extract<Gesture, { kind: "pan" }>} Pan */
/** @typedef {Extract<Gesture, { kind: "zoom" }>} Zoom */

const STEP = 2;

/**
 * @param {EditorState} state
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function pressPan(state, input) {
  return { ...state, gesture: { kind: "pan", from: input.view, viewport: state.viewport } };
}

/**
 * @param {EditorState} state
 * @param {Pan} gesture
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function movePan(state, { from, viewport }, input) {
  return { ...state, viewport: panBy(viewport, [input.view[0] - from[0], input.view[1] - from[1]]) };
}

/**
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function releasePan(state) {
  return { ...state, gesture: NO_GESTURE };
}

/**
 * @param {EditorState} state
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function pressZoom(state, input) {
  return { ...state, gesture: { kind: "zoom", from: input.at, to: input.at } };
}

/**
 * @param {EditorState} state
 * @param {Zoom} gesture
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function moveZoom(state, gesture, input) {
  return { ...state, gesture: { ...gesture, to: input.at } };
}

/**
 * A click comes nearer, with Shift it goes away; a drag shows what it went around.
 *
 * @param {EditorState} state
 * @param {Zoom} gesture
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function releaseZoom(state, { from, to }, input) {
  const rest = { ...state, gesture: NO_GESTURE };
  if (hasMoved(state, from, { ...input, at: to })) return { ...rest, viewport: fitBox(boxAround([from, to]), state.stage) };
  const factor = input.shift ? 1 / STEP : STEP;
  return { ...rest, viewport: zoomAt(state.viewport, imageToView(state.viewport, from), factor) };
}
