/** Small points where some of a region's tracks are, so that one sees it turn, grow and ripple. */

import { layersAbove } from "../../model/depth.js";
import { movePoints } from "../../model/motion.js";
import { bounds, coveredGrid } from "../../model/shapes.js";
import { inView } from "./paths.js";

/** @import { Layer, Region, TrackDocument } from "../../types.js" */
/** @import { Scene, ShownLayer } from "./scene.js" */

const MOST = 240;
/** CSS pixels */
const LEAST_SPACING = 14;

/** @type {WeakMap<Region, { cell: number, density: number, above: readonly Region[], places: Float64Array }>} */
const known = new WeakMap();

/**
 * Of the selected layers, at the playhead.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 */
export function drawTrackPoints(context, scene) {
  for (const shown of scene.layers) {
    if (shown.selected && shown.layer.enabled && shown.layer.region.kind !== "point") drawPoints(context, scene, shown);
  }
}

/**
 * Up to 240 places of the start picture on the grid of the latent cells, thinned by whole steps.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {number} cell reference pixels
 */
export function somePlaces(document, layer, cell) {
  const above = regionsAbove(document, layer);
  const before = known.get(layer.region);
  const same = before && before.cell === cell && before.density === layer.density && alike(before.above, above);
  if (same) return before.places;
  const places = sow(document, layer, cell, above);
  known.set(layer.region, { cell, density: layer.density, above, places });
  return places;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {ShownLayer} shown
 */
function drawPoints(context, { state }, { layer, colour, seen }) {
  const { document, clip, viewport, progress } = state;
  const cell = Math.max((8 * document.width) / clip.width, LEAST_SPACING / viewport.scale);
  const view = inView(movePoints(document, layer, somePlaces(document, layer, cell), progress), viewport);
  context.save();
  context.globalAlpha = seen ? 0.7 : 0.3;
  for (const [side, fill] of /** @type {const} */ ([
    [3.5, "rgba(12, 14, 18, 0.4)"],
    [2, colour],
  ])) {
    context.beginPath();
    for (let i = 0; i < view.length; i += 2) context.rect(view[i] - side / 2, view[i + 1] - side / 2, side, side);
    context.fillStyle = fill;
    context.fill();
  }
  context.restore();
}

/**
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {number} cell
 * @param {readonly Region[]} above
 */
function sow(document, layer, cell, above) {
  const [left, top, right, bottom] = bounds(layer.region, document.width, document.height);
  const fine = cell / Math.sqrt(Math.max(layer.density, 1 / 256));
  const spacing = fine * Math.max(1, Math.ceil(Math.sqrt(((right - left) * (bottom - top)) / (fine * fine) / MOST)));
  const xs = centres(Math.max(left, 0), Math.min(right, document.width), spacing);
  const ys = centres(Math.max(top, 0), Math.min(bottom, document.height), spacing);
  if (!xs.length || !ys.length) return new Float64Array(0);
  const owned = Uint8Array.from(coveredGrid(layer.region, xs, ys));
  for (const other of above) {
    const covered = coveredGrid(other, xs, ys);
    for (let i = 0; i < owned.length; i++) if (covered[i]) owned[i] = 0;
  }
  /** @type {number[]} */
  const places = [];
  for (let i = 0; i < owned.length; i++) if (owned[i]) places.push(xs[i % xs.length], ys[Math.floor(i / xs.length)]);
  return Float64Array.from(places);
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} spacing
 */
function centres(from, to, spacing) {
  const first = Math.ceil(from / spacing - 0.5);
  const count = Math.max(Math.ceil(to / spacing - 0.5) - first, 0);
  return Float64Array.from({ length: count }, (_, index) => (first + index + 0.5) * spacing);
}

/**
 * @param {TrackDocument} document
 * @param {Layer} layer
 */
function regionsAbove(document, layer) {
  const regions = layersAbove(document, layer).map((other) => other.region);
  return regions.filter(({ kind }) => kind !== "point" && kind !== "rest" && kind !== "frame");
}

/**
 * @param {readonly unknown[]} some
 * @param {readonly unknown[]} others
 */
function alike(some, others) {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}
