/** Which layers a gesture on the selection's box would change. */

import { topmostCamera, unlocked } from "./edits/layers.js";
import { isStart } from "./edits/moments.js";

/** @import { Layer } from "../types.js" */
/** @import { HitContext } from "./selection_box.js" */

/**
 * Indices of the layers that the box of handles is around, ascending; the camera with its tool, if there is one.
 *
 * @param {HitContext} context
 * @returns {number[]}
 */
export function boxedLayers({ document, selection, tool, progress, clip }) {
  if (tool === "camera") {
    const camera = selectedCamera(document, selection);
    return camera < 0 || document.layers[camera].locked ? [] : [camera];
  }
  if (tool !== "select") return [];
  const start = isStart({ progress, length: clip?.length ?? 4096 });
  return movable(document, selection.layers).filter((index) => canBeBoxed(document.layers[index], start));
}

/**
 * The camera that the camera tool works on: the only selected layer if it is one, else the topmost; -1 = none.
 *
 * @param {import("../types.js").TrackDocument} document
 * @param {import("../types.js").Selection} selection
 */
export function selectedCamera(document, selection) {
  const [index, ...others] = selection.layers;
  const isOne = document.layers[index]?.region.kind === "frame" && document.layers[index].enabled && !others.length;
  return isOne ? index : topmostCamera(document);
}

/**
 * The layers of a selection that move by a drag: unlocked; a camera only alone, because all others move with it anyway.
 *
 * @param {import("../types.js").TrackDocument} document
 * @param {readonly number[]} indices
 * @returns {number[]}
 */
export function movable(document, indices) {
  const free = unlocked(document, indices);
  const things = free.filter((index) => document.layers[index].region.kind !== "frame");
  return things.length ? things : free.slice(-1);
}

/**
 * @param {Layer} layer
 * @param {boolean} start
 */
function canBeBoxed({ region }, start) {
  return !start || !(region.kind === "mask" || region.kind === "frame" || region.kind === "rest");
}
