/** Smart select: marks go out to the host, an outline comes back, and a layer is made of it. */

import { fitLasso } from "../model/fit_path.js";
import { boxAround } from "../model/selection_box.js";
import { addMovable } from "./gestures/new_layers.js";
import { note } from "./gestures/pointer.js";

/** @import { Box, EditorState, ImagePoint, Pair, SmartSelect } from "../types.js" */

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
  const { width, height } = state.document;
  if (!to)
    return isInside(state, from) ? { ...state, smart: { ...UNMARKED, click: from } } : note(state, "notice.outside", "note");
  const [left, top, right, bottom] = boxAround([from, to]);
  /** @type {Box} */
  const box = [Math.max(left, 0), Math.max(top, 0), Math.min(right, width), Math.min(bottom, height)];
  const isEmpty = box[2] <= box[0] || box[3] <= box[1];
  return isEmpty ? note(state, "notice.outside", "note") : { ...state, smart: { ...UNMARKED, box } };
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
  if (!state.smart && !isInside(state, points[0])) return note(state, "notice.outside", "note");
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

/**
 * @param {EditorState} state
 * @param {Pair} place
 */
function isInside({ document }, [x, y]) {
  return x >= 0 && y >= 0 && x < document.width && y < document.height;
}
