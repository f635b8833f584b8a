/** Unfinished gestures. */

/** @import { EditorState, PointerInput } from "../types.js" */

/**
 * @param {EditorState} state
 * @param {"pointer-down" | "pointer-move" | "pointer-up"} _type
 * @param {PointerInput} _input
 * @returns {EditorState}
 */
export function reduceGesture(state, _type, _input) {
  return state;
}
