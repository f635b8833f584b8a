/** Where a layer with a ripple is shown, roughly: by places spread over its region. */

import { rippleAt } from "./motion.js";
import { bounds, coveredGrid } from "./shapes.js";

/** @import { Layer, Pair, Region, TrackDocument } from "../types.js" */
/** @typedef {{ readonly places: Float64Array, readonly step: number }} Spread places [N * 2] and how far apart they lie, pixels */

/** About so many places in the box of a region. */
const PLACES = 400;

/**
 * Whether a layer's ripple brings something to a place of its own space, that of the start picture before the affine map.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {Pair} at
 * @param {number} progress
 */
export function isRippledTo(document, layer, [x, y], progress) {
  const { places, step } = spreadOver(layer.region, document);
  const moved = rippleAt(layer, places, progress);
  // Three quarters of a step: a little more than half the diagonal of a square of four places.
  const reach = (step * 0.75) ** 2;
  for (let at = 0; at < places.length; at += 2) {
    const [across, down] = [places[at] + moved[at] - x, places[at + 1] + moved[at + 1] - y];
    if (across * across + down * down <= reach) return true;
  }
  return false;
}

/**
 * @param {Region} region
 * @param {TrackDocument} document
 * @returns {Spread}
 */
function spreadOver(region, { width, height }) {
  const known = SPREADS.get(region);
  if (known) return known;
  const [left, top, right, bottom] = bounds(region, width, height);
  const step = Math.max(Math.sqrt(((right - left) * (bottom - top)) / PLACES), (right - left + bottom - top) / PLACES, 0.5);
  const [xs, ys] = [between(left, right, step), between(top, bottom, step)];
  const covered = coveredGrid(region, xs, ys);
  const places = Float64Array.from([...covered.keys()].filter((at) => covered[at]).flatMap((at) => placeOf(xs, ys, at)));
  const spread = { places, step };
  SPREADS.set(region, spread);
  return spread;
}

/** @type {WeakMap<Region, Spread>} */
const SPREADS = new WeakMap();

/**
 * @param {number} from
 * @param {number} to
 * @param {number} step
 */
function between(from, to, step) {
  const count = Math.max(1, Math.ceil((to - from) / step));
  return Float64Array.from({ length: count }, (_, index) => from + ((index + 0.5) * (to - from)) / count);
}

/**
 * @param {Float64Array} xs
 * @param {Float64Array} ys
 * @param {number} at
 */
function placeOf(xs, ys, at) {
  return [xs[at % xs.length], ys[Math.floor(at / xs.length)]];
}
