/** Moving what is selected by the arrow keys. */

import {
  changeLayers,
  isStart,
  isStill,
  movable,
  movePathPoints,
  moveRegionPoints,
  moveSelected,
  setLayer,
} from "../model/edits.js";
import { momentOf } from "../model/selection_box.js";
import { note } from "./gestures/pointer.js";
import { commitInto, edit } from "./history.js";

/** @import { EditorState, Pair } from "../types.js" */

/**
 * Moves the selected corners or path points, else the selected layers: their regions at the start, where they go later.
 *
 * @param {EditorState} state
 * @param {Pair} by pixels
 * @returns {EditorState}
 */
export function nudge(state, by) {
  const { document, selection } = state;
  const moment = momentOf(state);
  const chosen = movable(document, selection.layers);
  if (!selection.layers.length) return state;
  if (!chosen.length) return note(state, "notice.locked", "note");
  const moved = edit(state, nudged(state, chosen, by));
  if (moved.document !== document) return { ...moved, nudged: moved.committed };
  const isRefused =
    !selection.points.length && !isStart(moment) && chosen.every((index) => isStill(document.layers[index], moment));
  return isRefused ? note(moved, "notice.still", "note") : moved;
}

/**
 * `nudge` by a key that is held down: one step with the one before, if nothing came between.
 *
 * @param {EditorState} state
 * @param {Pair} by pixels
 * @returns {EditorState}
 */
export function nudgeOn(state, by) {
  const { document, selection, committed } = state;
  if (state.nudged !== committed) return nudge(state, by);
  const moved = nudged(state, movable(document, selection.layers), by);
  if (moved === document) return state;
  const longer = commitInto({ ...state, document: moved });
  return { ...longer, nudged: longer.committed };
}

/**
 * @param {EditorState} state
 * @param {readonly number[]} layers that may be moved, at least one
 * @param {Pair} by
 */
function nudged(state, layers, by) {
  const { document, selection } = state;
  const { points, regionPoints } = selection;
  const start = isStart(momentOf(state));
  if (regionPoints && start) return changeLayers(document, layers, (layer) => moveRegionPoints(layer, regionPoints, by));
  if (!points.length) return moveSelected(document, layers, by, momentOf(state));
  return setLayer(document, layers[0], movePathPoints(document, layers[0], points, by));
}
