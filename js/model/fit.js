/** How the reference picture becomes the target: scaled, then a window of the target's size cut out. */

import { DocumentError } from "./errors.js";

/** @import { Box, Clip, Pair, TrackDocument } from "../types.js" */
/**
 * @typedef {object} Fit
 * @property {Pair} scale
 * @property {Pair} corner left and top of the window, in scaled pixels
 * @property {number} width
 * @property {number} height
 */

/**
 * `stretch` scales each side on its own; `crop` scales both alike until the target is covered and cuts the middle out.
 *
 * @param {TrackDocument} document
 * @param {number} width
 * @param {number} height
 * @param {Clip["fit"]} fit
 * @returns {Fit}
 * @throws {DocumentError} the sizes have different shapes and `fit` is null
 */
export function makeFit(document, width, height, fit) {
  const [across, down] = [width / document.width, height / document.height];
  if (fit === null && shapesDiffer(document, { width, height })) {
    throw new DocumentError(shapeMessage(document, width, height));
  }
  if (fit !== "crop") return { scale: [across, down], corner: [0, 0], width, height };
  const scale = Math.max(across, down);
  const corner = /** @type {Pair} */ ([(document.width * scale - width) / 2, (document.height * scale - height) / 2]);
  return { scale: [scale, scale], corner, width, height };
}

/**
 * Why a fit is needed.
 *
 * @param {TrackDocument} document
 * @param {number} width
 * @param {number} height
 */
export function shapeMessage(document, width, height) {
  return (
    `The document's picture is ${document.width} x ${document.height}, the target ${width} x ${height}: another shape. ` +
    'Say fit="stretch" (the picture is squeezed) or fit="crop" (its edges are cut off).'
  );
}

/**
 * @param {TrackDocument} document
 * @param {{ readonly width: number, readonly height: number }} target
 */
export function shapesDiffer(document, target) {
  return target.width * document.height !== target.height * document.width;
}

/**
 * Reference pixels to target pixels.
 *
 * @param {Fit} fit
 * @param {Pair} point
 * @returns {Pair}
 */
export function toTarget({ scale, corner }, [x, y]) {
  return [x * scale[0] - corner[0], y * scale[1] - corner[1]];
}

/**
 * The part of the reference picture that the target shows, in reference pixels.
 *
 * @param {Fit} fit
 * @returns {Box}
 */
export function windowOf({ scale, corner, width, height }) {
  const [left, top] = corner;
  return [left / scale[0], top / scale[1], (left + width) / scale[0], (top + height) / scale[1]];
}
