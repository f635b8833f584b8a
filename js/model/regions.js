/** Which pixels of the start picture a layer carries, and where its tracks start. The twin of wanmove_core/tracks/regions.py. */

import { coveredBy, inDepthOrder, ownedBy } from "./depth.js";
import { MAX_TRACKS, seedPoints } from "./seeds.js";

/** @import { Layer, Pair, TrackDocument } from "../types.js" */
/** @typedef {{ readonly width: number, readonly height: number, readonly bits: Uint8Array }} Mask bits: [height * width], 0 or 1 */

export { inDepthOrder, MAX_TRACKS, seedPoints };

/** @type {Pair} */
const PIXEL = [1, 1];
/** @type {Pair} */
const CORNER = [0, 0];

/**
 * The layer's region as drawn, by the centres of the reference picture's pixels. The `frame` is all of it, the `rest` what no
 * other layer covers, a point the pixel that it lies in.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @returns {Mask}
 */
export function regionMask(document, layer) {
  if (layer.region.kind === "rest") return ownMask(document, layer);
  const { width, height } = document;
  return { width, height, bits: coveredBy(layer, pixelCentres(width), pixelCentres(height), PIXEL, CORNER) };
}

/**
 * `regionMask` without what layers above cover: the pixels of the start picture that move with this layer.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @returns {Mask}
 */
export function ownMask(document, layer) {
  const { width, height } = document;
  return { width, height, bits: ownedBy(document, layer, pixelCentres(width), pixelCentres(height), PIXEL, CORNER) };
}

/** @param {number} count */
function pixelCentres(count) {
  return Float64Array.from({ length: count }, (_, index) => index + 0.5);
}
