/** Smart select: marks go out to the host, an outline comes back, and a layer is made of it. */

import { fitLasso } from "../model/fit_path.js";
import { boxAround } from "../model/selection_box.js";
import { addMovable } from "./gestures/new_layers.js";

/** @import { EditorState, ImagePoint, Pair, SmartSelect } from "../types.js" */

/** @type {SmartSelect} */
const UNMARKED = Object.freeze({ box: null, click: null, strokes: [], outline: null, waiting: false, error: null });

/**
 * A rectangle around a thing, or a click on it: the marks start anew.
 *
 * @param {EditorState} state
 * @param {ImagePoint} from
 * @param {ImagePoint | null} to null = a click
 * @returns {EditorState}
 */
export function pressedSmart(state, from, to) {
  return { ...state, smart: { ...UNMARKED, box: to && boxAround([from, to]), click: to ? null : from } };
}

/**
 * One stroke more that says what belongs to the thing or does not. A first stroke is a click where it begins.
 *
 * @param {EditorState} state
 * @param {boolean} keep
 * @param {readonly Pair[]} points
 * @returns {EditorState}
 */
export function markedSmart(state, keep, points) {
  const smart = state.smart ?? { ...UNMARKED, click: points[0] };
  const strokes = [...smart.strokes, { keep, points, radius: state.options.brushRadius }];
  return { ...state, smart: { ...smart, strokes, error: null } };
}

/**
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function startedSmart(state) {
  return state.smart ? { ...state, smart: { ...state.smart, waiting: true, error: null } } : state;
}

/**
 * @param {EditorState} state
 * @param {readonly Pair[]} outline
 * @returns {EditorState}
 */
export function answeredSmart(state, outline) {
  return state.smart ? { ...state, smart: { ...state.smart, outline, waiting: false, error: null } } : state;
}

/**
 * @param {EditorState} state
 * @param {string} error
 * @returns {EditorState}
 */
export function failedSmart(state, error) {
  return state.smart ? { ...state, smart: { ...state.smart, waiting: false, error } } : state;
}

/**
 * The outline as a new layer; without one nothing happens.
 *
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function acceptSmart(state) {
  const points = state.smart?.outline && fitLasso(state.smart.outline, 0.5);
  if (!points) return state;
  const added = addMovable(state, { kind: "polygon", points });
  return added.document === state.document ? added : { ...added, smart: null };
}
