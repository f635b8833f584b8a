/** What all gestures ask of a pointer. */

/** @import { EditorState, ImagePoint, Pair, PointerInput } from "../../types.js" */

/** CSS pixels within which something counts as under the pointer, and beyond which a click is a drag. */
const REACH = { mouse: 7, pen: 9, touch: 16 };
const SLACK = { mouse: 3, pen: 4, touch: 8 };

/** @param {PointerInput} input */
export function reachOf(input) {
  return REACH[input.pointer];
}

/**
 * Whether a press has become a drag.
 *
 * @param {EditorState} state
 * @param {ImagePoint} from
 * @param {PointerInput} input
 */
export function hasMoved(state, from, input) {
  return Math.hypot(input.at[0] - from[0], input.at[1] - from[1]) * state.viewport.scale >= SLACK[input.pointer];
}

/**
 * The way from one place to another, along the nearest of eight directions if asked for.
 *
 * @param {ImagePoint} from
 * @param {ImagePoint} to
 * @param {boolean} straight
 * @returns {Pair}
 */
export function way(from, to, straight) {
  const [across, down] = [to[0] - from[0], to[1] - from[1]];
  if (!straight) return [across, down];
  const eighth = Math.round(Math.atan2(down, across) / (Math.PI / 4));
  // Whole numbers, so that a move along an axis leaves the other coordinate as it is.
  const [x, y] = DIRECTIONS[(eighth + 8) % 8];
  const along = (across * x + down * y) / (x * x + y * y);
  return [x === 0 ? 0 : x * along, y === 0 ? 0 : y * along];
}

/**
 * @param {EditorState} state
 * @param {string} text key of the editor's texts
 * @param {"note" | "error"} kind
 * @returns {EditorState}
 */
export function note(state, text, kind) {
  return { ...state, notice: { text, kind } };
}

/** @type {readonly Pair[]} */
const DIRECTIONS = [
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
  [-1, -1],
  [0, -1],
  [1, -1],
];
