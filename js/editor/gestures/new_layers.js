/** What becomes of a finished drawing. */

import { makeLayer } from "../../model/document.js";
import { addLayers, isFull, isInLimits } from "../../model/edits.js";
import { selectLayers } from "../../model/selection.js";
import { bounds } from "../../model/shapes.js";
import { edit, NO_GESTURE } from "../history.js";
import { note } from "./pointer.js";

/** @import { EditorState, Region } from "../../types.js" */

/**
 * A new layer on top, selected, as one step; a notice where it has no place.
 *
 * @param {EditorState} state
 * @param {Region} region
 * @returns {EditorState}
 */
export function addRegion(state, region) {
  const at = { ...state, gesture: NO_GESTURE };
  const added = withRegion(at, region);
  return added.document === at.document ? added : edit(at, added.document, added.selection);
}

/**
 * `addRegion` and on to what one does next: at the clip's end, drag it to where it goes.
 *
 * @param {EditorState} state
 * @param {Region} region
 * @returns {EditorState}
 */
export function addMovable(state, region) {
  const added = addRegion(state, region);
  return added.document === state.document ? added : { ...added, tool: "select", progress: 1, playing: false };
}

/**
 * The state with a new layer on top, not yet committed; unchanged but for a notice where it has no place.
 *
 * @param {EditorState} state
 * @param {Region} region
 * @returns {EditorState}
 */
export function withRegion(state, region) {
  const { document } = state;
  if (isFull(document)) return note(state, "notice.full", "error");
  if (!isInLimits(region) || !isInside(region, document.width, document.height)) return note(state, "notice.outside", "note");
  const added = addLayers(document, [makeLayer({ region })]);
  return { ...state, document: added, selection: selectLayers([document.layers.length]) };
}

/**
 * Whether some of a region lies in the picture, so that there is something to move.
 *
 * @param {Region} region
 * @param {number} width
 * @param {number} height
 */
function isInside(region, width, height) {
  const [left, top, right, bottom] = bounds(region, width, height);
  if (region.kind === "point") return left >= 0 && top >= 0 && left < width && top < height;
  return left < width && top < height && right > 0 && bottom > 0;
}
