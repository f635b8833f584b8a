/** Which layers a gesture on the selection's box would change. */

import { movable, topmostCamera } from "./edits/layers.js";
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
 * @param {Layer} layer
 * @param {boolean} start
 */
function canBeBoxed({ region }, start) {
  return !start || !(region.kind === "mask" || region.kind === "frame" || region.kind === "rest");
}
