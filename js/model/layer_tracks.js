/** The tracks of one layer over the whole clip, and which of them were worked out already. */

import { affineAt, hasRipple, makeRipple } from "./motion.js";

/** @import { Clip, Layer, TrackDocument } from "../types.js" */
/** @import { Fit } from "./fit.js" */

/**
 * @typedef {object} LayerTracks
 * @property {number} index of the layer in the document
 * @property {Float64Array} seeds [n * 2] start points, reference pixels
 * @property {Float32Array} positions [T, n, 2] flat, target pixels
 * @property {boolean} near none flies off the scale
 */

/** A layer's tracks and all that they were worked out from. @typedef {{ from: readonly unknown[], tracks: LayerTracks }} Known */
/** Tracks from the bake before this one. @typedef {Map<Layer, Known>} KnownTracks */

/** Pixels; a track beyond is a mistake of scales. */
export const FARTHEST = 1e9;

/**
 * Tracks of layers at the clip's frames. Of a layer that has not changed since the last bake with the same `known` they are
 * taken from there; `known` then holds those of this bake and no others.
 *
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {Fit} fit
 * @param {ReadonlyMap<number, Float64Array>} seeds by layer index
 * @param {KnownTracks} known changed in place
 * @returns {LayerTracks[]}
 */
export function tracksOf(document, { length }, fit, seeds, known) {
  const cameras = document.layers.filter((layer) => layer.enabled && layer.region.kind === "frame");
  const shared = [length, document.width, document.height, ...fit.scale, ...fit.corner, ...cameras];
  const before = new Map(known);
  known.clear();
  return [...seeds].map(([index, points]) => {
    const layer = document.layers[index];
    const from = [points, ...shared];
    const last = before.get(layer);
    const same = last && last.from.length === from.length && from.every((item, at) => item === last.from[at]);
    const tracks = same ? { ...last.tracks, index } : makeTracks(document, index, points, length, fit);
    known.set(layer, { from, tracks });
    return tracks;
  });
}

/**
 * Clip progress 0 ... 1 of a frame.
 *
 * @param {number} frame
 * @param {number} length
 */
export function progressOf(frame, length) {
  return frame / Math.max(length - 1, 1);
}

/**
 * @param {TrackDocument} document
 * @param {number} index
 * @param {Float64Array} seeds
 * @param {number} length
 * @param {Fit} fit
 * @returns {LayerTracks}
 */
function makeTracks(document, index, seeds, length, { scale, corner }) {
  const layer = document.layers[index];
  const positions = new Float32Array(length * seeds.length);
  const ripple = hasRipple(layer) ? makeRipple(layer, seeds) : null;
  let to = 0;
  for (let frame = 0; frame < length && seeds.length; frame++) {
    const progress = progressOf(frame, length);
    const [a, b, left, c, d, top] = affineAt(document, layer, progress);
    const moved = ripple?.(progress);
    for (let at = 0; at < seeds.length; at += 2) {
      const x = moved ? seeds[at] + moved[at] : seeds[at];
      const y = moved ? seeds[at + 1] + moved[at + 1] : seeds[at + 1];
      positions[to++] = (x * a + y * b + left) * scale[0] - corner[0];
      positions[to++] = (x * c + y * d + top) * scale[1] - corner[1];
    }
  }
  return { index, seeds, positions, near: areNear(positions) };
}

/** @param {Float32Array} positions */
function areNear(positions) {
  for (let at = 0; at < positions.length; at++) if (!(Math.abs(positions[at]) < FARTHEST)) return false;
  return true;
}
