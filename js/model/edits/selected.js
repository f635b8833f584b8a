/** Moving, turning and growing what is selected: the regions at the start, where they go at any later moment. */

import { changeLayers, movable } from "./layers.js";
import { anchorPlace, growAt, isStart, moveAt, turnAt } from "./moments.js";
import { moveRegion, scaleAbout, transformRegion, turnAbout } from "./regions.js";

/** @import { Affine, Layer, Pair, TrackDocument } from "../../types.js" */
/** @import { Moment } from "./moments.js" */

/**
 * Layers moved by pixels as shown at a moment.
 *
 * @param {TrackDocument} document
 * @param {readonly number[]} indices
 * @param {Pair} by
 * @param {Moment} moment
 * @returns {TrackDocument}
 */
export function moveSelected(document, indices, by, moment) {
  const chosen = movable(document, indices);
  if (isStart(moment)) return changeLayers(document, chosen, (layer) => moveRegion(layer, by));
  return changeLayers(document, chosen, (_, index) => moveAt(document, index, by, moment));
}

/**
 * Layers turned together by degrees about a place.
 *
 * @param {TrackDocument} document
 * @param {readonly number[]} indices
 * @param {number} degrees clockwise
 * @param {Pair} pivot
 * @param {Moment} moment
 * @returns {TrackDocument}
 */
export function turnSelected(document, indices, degrees, pivot, moment) {
  const affine = turnAbout(pivot, degrees);
  return transformSelected(document, indices, affine, moment, (layer) => turnAt(layer, degrees, moment));
}

/**
 * Layers scaled together about a place, by factors [across, down]; after the start by the first in both directions.
 *
 * @param {TrackDocument} document
 * @param {readonly number[]} indices
 * @param {Pair} factors
 * @param {Pair} pivot
 * @param {Moment} moment
 * @returns {TrackDocument}
 */
export function growSelected(document, indices, factors, pivot, moment) {
  const affine = scaleAbout(pivot, isStart(moment) ? factors : [factors[0], factors[0]]);
  return transformSelected(document, indices, affine, moment, (layer) => growAt(layer, factors[0], moment));
}

/**
 * @param {TrackDocument} document
 * @param {readonly number[]} indices
 * @param {Affine} affine
 * @param {Moment} moment
 * @param {(layer: Layer) => Layer} change what it does to a layer about its own anchor
 * @returns {TrackDocument}
 */
function transformSelected(document, indices, affine, moment, change) {
  const chosen = movable(document, indices);
  if (isStart(moment)) return changeLayers(document, chosen, (layer) => transformRegion(layer, affine));
  const [a, b, left, c, d, top] = affine;
  return changeLayers(document, chosen, (layer, index) => {
    const [x, y] = anchorPlace(document, layer, moment.progress);
    /** @type {Pair} */
    const by = [a * x + b * y + left - x, c * x + d * y + top - y];
    return change(Math.hypot(by[0], by[1]) > 1e-6 ? moveAt(document, index, by, moment) : layer);
  });
}
