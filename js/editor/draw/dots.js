/** Where a layer's dots lie: one a frame, so that their spacing is its speed. */

import { affineAt, anchorOf, movePoints } from "../../model/motion.js";
import { centre } from "../../model/shapes.js";
import { moves, placeOf } from "./scene.js";

/** @import { Layer, Pair, TrackDocument } from "../../types.js" */

/**
 * @typedef {object} Dots
 * @property {Float64Array} places [T * 2] reference pixels, frame by frame
 * @property {readonly Layer[]} cameras that moved them
 */

/** Frames between two latent frames (wanmove_core/variants.py). */
export const LATENT_EVERY = 4;

/** @type {WeakMap<Layer, Dots>} */
const known = new WeakMap();

/**
 * The places of the layer's anchor at each frame; of one without a path, of the middle of its region.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {number} length frames
 */
export function dotPlaces(document, layer, length) {
  const cameras = document.layers.filter((other) => other.enabled && other.region.kind === "frame");
  const before = known.get(layer);
  if (before && before.places.length === 2 * length && alike(before.cameras, cameras)) return before.places;
  const places = placesOf(document, layer, length);
  known.set(layer, { places, cameras });
  return places;
}

/**
 * Whether its dots are more than one spot that never moves.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 */
export function hasDots(document, layer) {
  if (!layer.enabled) return false;
  return moves(layer) || document.layers.some((other) => other.enabled && other.region.kind === "frame" && moves(other));
}

/**
 * What the dots follow. On the path of a layer that has one; else the pivot of a pendulum would be the one place that stays.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @returns {Pair}
 */
export function followedPlace(document, layer) {
  return layer.motion.path ? anchorOf(document, layer) : centre(layer.region, document.width, document.height);
}

/**
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {number} length
 */
function placesOf(document, layer, length) {
  const start = followedPlace(document, layer);
  const places = new Float64Array(2 * length);
  const isPoint = layer.region.kind === "point";
  const point = Float64Array.of(...start);
  for (let frame = 0; frame < length; frame++) {
    const progress = frame / Math.max(length - 1, 1);
    const place = isPoint
      ? movePoints(document, layer, point, progress)
      : placeOf(affineAt(document, layer, progress), start[0], start[1]);
    places[2 * frame] = place[0];
    places[2 * frame + 1] = place[1];
  }
  return places;
}

/**
 * @param {readonly unknown[]} some
 * @param {readonly unknown[]} others
 */
function alike(some, others) {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}
