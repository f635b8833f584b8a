/** Between pixels of the picture and CSS pixels of the stage. view = image * scale + offset. */

/** @import { ImagePoint, Pair, Viewport, ViewPoint } from "../types.js" */

/** CSS pixels that one picture pixel may take. */
export const LEAST_ZOOM = 0.02;
export const MOST_ZOOM = 64;

/** Share of the picture's size that is kept free on each side of it; less where the stage is small. */
const MARGIN = 0.2;
const SMALL_MARGIN = 0.06;
/** Sides of a stage, CSS pixels: up to the first it is small, from the second on it is not. */
const SMALL = 440;
const LARGE = 560;
/** CSS pixels; an offset beyond this is no place that anybody could want to look at. */
const FARTHEST = 1e8;

/**
 * @param {Viewport} viewport
 * @param {ViewPoint} at
 * @returns {ImagePoint}
 */
export function viewToImage(viewport, at) {
  return [(at[0] - viewport.x) / viewport.scale, (at[1] - viewport.y) / viewport.scale];
}

/**
 * @param {Viewport} viewport
 * @param {ImagePoint} at
 * @returns {ViewPoint}
 */
export function imageToView(viewport, at) {
  return [at[0] * viewport.scale + viewport.x, at[1] * viewport.scale + viewport.y];
}

/**
 * Zoomed by `factor`, the place under `at` staying where it is. Zoom ends at `LEAST_ZOOM` and `MOST_ZOOM`.
 *
 * @param {Viewport} viewport
 * @param {ViewPoint} at
 * @param {number} factor
 * @returns {Viewport}
 */
export function zoomAt(viewport, at, factor) {
  const scale = clampZoom(viewport.scale * factor);
  const ratio = scale / viewport.scale;
  return boundViewport({ scale, x: at[0] - (at[0] - viewport.x) * ratio, y: at[1] - (at[1] - viewport.y) * ratio });
}

/**
 * @param {Viewport} viewport
 * @param {Pair} by CSS pixels
 * @returns {Viewport}
 */
export function panBy(viewport, by) {
  return boundViewport({ scale: viewport.scale, x: viewport.x + by[0], y: viewport.y + by[1] });
}

/**
 * The whole picture in the middle of the stage, with a bit of the outside around it.
 *
 * @param {number} width
 * @param {number} height
 * @param {Pair} stage CSS pixels
 * @returns {Viewport}
 */
export function fitViewport(width, height, stage) {
  const room = Math.min(Math.max((Math.min(stage[0], stage[1]) - SMALL) / (LARGE - SMALL), 0), 1);
  const margin = SMALL_MARGIN + (MARGIN - SMALL_MARGIN) * room;
  return fitBox([-width * margin, -height * margin, width * (1 + margin), height * (1 + margin)], stage);
}

/**
 * A box of the picture in the middle of the stage, as large as it goes.
 *
 * @param {import("../types.js").Box} box
 * @param {Pair} stage
 * @returns {Viewport}
 */
export function fitBox(box, stage) {
  const across = Math.max(box[2] - box[0], 1e-6);
  const down = Math.max(box[3] - box[1], 1e-6);
  const scale = clampZoom(Math.min(stage[0] / across, stage[1] / down));
  const x = stage[0] / 2 - ((box[0] + box[2]) / 2) * scale;
  const y = stage[1] / 2 - ((box[1] + box[3]) / 2) * scale;
  return boundViewport({ scale, x, y });
}

/**
 * The same, with zoom and offset inside their limits; what is no number becomes the picture at its own size.
 *
 * @param {Viewport} viewport
 * @returns {Viewport}
 */
export function boundViewport(viewport) {
  return { scale: clampZoom(viewport.scale), x: clampOffset(viewport.x), y: clampOffset(viewport.y) };
}

/** @param {number} scale */
function clampZoom(scale) {
  return Number.isNaN(scale) ? 1 : Math.min(Math.max(scale, LEAST_ZOOM), MOST_ZOOM);
}

/** @param {number} offset */
function clampOffset(offset) {
  return Number.isNaN(offset) ? 0 : Math.min(Math.max(offset, -FARTHEST), FARTHEST);
}
