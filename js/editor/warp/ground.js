/** How the background moves: where in the start picture the places of the frame come from. */

import { invertAffine, movePoints, rippleAt } from "../../model/motion.js";

/** @import { Affine, Layer, TrackDocument } from "../../types.js" */

/**
 * A point that pulls the background along.
 *
 * @typedef {object} Pull
 * @property {number} x where it is now, before the camera
 * @property {number} y
 * @property {number} across how far it has come
 * @property {number} down
 * @property {number} reach how far from it the background follows
 */

/** As in wanmove_core/rendering/warp.py. */
const REACH = 0.12;
const LEAST_REACH = 48;
const REACH_OF_PINNED = 16;
/** A pull longer than this share of its reach would fold the picture. */
const STEEPEST = 0.45;
const MOST_PULLS = 64;
const ROUNDS = 4;

/**
 * What the points of a document do to the background; none when no point has moved.
 *
 * @param {TrackDocument} document
 * @param {number} progress
 * @returns {readonly Pull[]}
 */
export function pullsOf(document, progress) {
  const layers = document.layers.filter((layer) => layer.enabled && layer.region.kind === "point").slice(-MOST_PULLS);
  if (!layers.length) return [];
  const steady = { ...document, layers: document.layers.filter((layer) => layer.region.kind !== "frame") };
  const pinned = document.layers.some((layer) => layer.enabled && layer.region.kind === "rest");
  const reach = pinned ? REACH_OF_PINNED : Math.max(REACH * Math.hypot(document.width, document.height), LEAST_REACH);
  const pulls = layers.map((layer) => pullOf(steady, layer, progress, reach, pinned));
  return pulls.some((pull) => Math.hypot(pull.across, pull.down) > 0.01) ? pulls : [];
}

/**
 * Where the places of the frame [N * 2] come from in the start picture: the camera undone, then the pulls, then the ripple.
 *
 * @param {Float64Array} places
 * @param {{ layer: Layer | null, affine: Affine, pulls: readonly Pull[], progress: number, ripples: boolean }} ground
 */
export function sourcesOf(places, { layer, affine, pulls, progress, ripples }) {
  const [a, b, left, c, d, top] = invertAffine(affine);
  const before = new Float64Array(places.length);
  for (let i = 0; i < places.length; i += 2) {
    before[i] = a * places[i] + b * places[i + 1] + left;
    before[i + 1] = c * places[i] + d * places[i + 1] + top;
  }
  const sources = layer && ripples ? unrippled(layer, before, progress) : before;
  if (pulls.length) for (let i = 0; i < sources.length; i += 2) unpull(sources, i, pulls);
  return sources;
}

/**
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {number} progress
 * @param {number} reach
 * @param {boolean} pinned
 * @returns {Pull}
 */
function pullOf(document, layer, progress, reach, pinned) {
  const [startX, startY] = layer.region.kind === "point" ? layer.region.at : [0, 0];
  const [x, y] = movePoints(document, layer, Float64Array.of(startX, startY), progress);
  const [across, down] = [x - startX, y - startY];
  const wide = pinned ? reach : Math.max(reach, Math.hypot(across, down) / STEEPEST);
  return { x, y, across, down, reach: wide };
}

/**
 * Moves a place back along the pulls near it: exactly at a point itself, less and less away from it (Shepard's weights on
 * Wendland's C2 function, so that a pin beside a moving point holds).
 *
 * @param {Float64Array} places changed in place
 * @param {number} at
 * @param {readonly Pull[]} pulls
 */
function unpull(places, at, pulls) {
  let [total, across, down] = [1, 0, 0];
  for (const pull of pulls) {
    const distance = Math.hypot(places[at] - pull.x, places[at + 1] - pull.y);
    if (distance >= pull.reach) continue;
    const near = 1 - distance / pull.reach;
    const share = Math.min(near ** 4 * (5 - 4 * near), 0.9999);
    const weight = share / (1 - share);
    total += weight;
    across += weight * pull.across;
    down += weight * pull.down;
  }
  places[at] -= across / total;
  places[at + 1] -= down / total;
}

/**
 * The ripple run backwards, by fixed-point iteration.
 *
 * @param {Layer} layer
 * @param {Float64Array} places
 * @param {number} progress
 */
function unrippled(layer, places, progress) {
  let found = places;
  for (let round = 0; round < ROUNDS; round++) {
    const ripple = rippleAt(layer, found, progress);
    found = places.map((value, index) => value - ripple[index]);
  }
  return found;
}
