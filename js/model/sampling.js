/** Baking: a document becomes tracks of any length and picture size. The twin of wanmove_core/tracks/sampling.py. */

import { COMPONENTS } from "./components.js";
import { layerTitle } from "./document.js";
import { DocumentError } from "./errors.js";
import { makeFit, shapeMessage, shapesDiffer, toTarget, windowOf } from "./fit.js";
import { FARTHEST, progressOf, tracksOf } from "./layer_tracks.js";
import { hasRipple } from "./motion.js";
import { inDepthOrder, MAX_TRACKS, seedPoints } from "./regions.js";
import { rounded } from "./wording.js";

/** @import { BakedTracks, Clip, Pair, Span, TrackDocument } from "../types.js" */
/** @import { Fit } from "./fit.js" */
/** @import { KnownTracks, LayerTracks } from "./layer_tracks.js" */
/**
 * Why something cannot be baked: whose fault it is (null = the document's or the clip's) and in which way.
 *
 * @typedef {object} BakeError
 * @property {"start-outside" | "source-size" | "cannot-bake"} kind
 * @property {number | null} layer
 * @property {string} message
 */

export { makeFit, progressOf };

const MAX_LENGTH = 4096;
const MAX_SIDE = 16_384;

/**
 * Tracks of every enabled layer at each frame; the order of the tracks is depth (frames, rests, then the layers as listed; in a
 * layer reading order of the starts).
 *
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {number} cell pixels of the target that one latent cell covers
 * @param {KnownTracks} known tracks of layers from the bake before; changed in place
 * @returns {BakedTracks}
 * @throws {DocumentError} length or size out of limits, `fit` missing, a point starts outside the picture, too many tracks, none
 *   at all, or one that flies off the scale
 */
export function bake(document, clip, cell = 8, known = new Map()) {
  const refuse = (/** @type {BakeError} */ error) => {
    throw new DocumentError(error.message);
  };
  const tracks = bakeLayers(document, clip, cell, refuse, known);
  if (!tracks) throw new DocumentError("The document makes no tracks.");
  return tracks;
}

/**
 * The tracks of all layers that can be baked, and what is wrong with the others: what is shown while a document is not right.
 *
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {number} cell
 * @returns {{ tracks: BakedTracks | null, errors: BakeError[] }}
 */
export function bakeWhatCan(document, clip, cell = 8) {
  /** @type {BakeError[]} */
  const errors = [];
  const tracks = bakeLayers(document, clip, cell, (error) => errors.push(error), new Map());
  return { tracks, errors };
}

/**
 * Whether a clip progress lies in one of the spans, ends included.
 *
 * @param {readonly Span[]} spans
 * @param {number} progress
 */
export function visibleAt(spans, progress) {
  return spans.some(([start, end]) => start <= progress && progress <= end);
}

/**
 * The frame nearest to a clip progress.
 *
 * @param {number} progress
 * @param {number} length
 */
export function frameOf(progress, length) {
  return Math.round(Math.min(Math.max(progress, 0), 1) * (length - 1));
}

/**
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {number} cell
 * @param {(error: BakeError) => void} refuse throws, or takes note and the bake goes on without
 * @param {KnownTracks} known
 * @returns {BakedTracks | null}
 */
function bakeLayers(document, clip, cell, refuse, known) {
  const wrong = requestError(clip, cell) ?? wavesError(document);
  if (wrong) refuse(wrong);
  if (wrong && wrong.layer === null) return null;
  if (!clip.fit && shapesDiffer(document, clip)) {
    refuse({ kind: "source-size", layer: null, message: shapeMessage(document, clip.width, clip.height) });
  }
  const fit = makeFit(document, clip.width, clip.height, clip.fit ?? "stretch");
  const seeds = new Map(inDepthOrder(document).map((index) => [index, seedsOf(document, index, fit, cell, refuse)]));
  const many = countError(document, seeds);
  if (many) refuse(many);
  if (many) return null;
  const kept = tracksOf(document, clip, fit, seeds, known).filter(({ index, near }) => {
    if (!near) refuse(distanceError(document, index));
    return near;
  });
  return assemble(document, clip, kept);
}

/**
 * @param {TrackDocument} document
 * @param {number} index
 * @param {Fit} fit
 * @param {number} cell
 * @param {(error: BakeError) => void} refuse
 */
function seedsOf(document, index, fit, cell, refuse) {
  const layer = document.layers[index];
  const none = new Float64Array(0);
  try {
    const seeds = seedPoints(document, layer, [cell / fit.scale[0], cell / fit.scale[1]], windowOf(fit));
    const error = layer.region.kind === "point" ? startError(document, index, layer.region.at, fit) : null;
    if (!error) return seeds;
    refuse(error);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    refuse({ kind: "cannot-bake", layer: index, message: error.message });
  }
  return none;
}

/**
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {LayerTracks[]} layers
 * @returns {BakedTracks}
 */
function assemble(document, { length, width, height }, layers) {
  const count = layers.reduce((total, { seeds }) => total + seeds.length / 2, 0);
  const positions = new Float32Array(length * count * 2);
  const visibility = new Uint8Array(length * count);
  const layer = new Int32Array(count);
  let from = 0;
  for (const { index, seeds, positions: own } of layers) {
    const many = seeds.length / 2;
    layer.fill(index, from, from + many);
    for (let frame = 0; frame < length; frame++) {
      const start = frame * count + from;
      positions.set(own.subarray(frame * seeds.length, (frame + 1) * seeds.length), 2 * start);
      if (visibleAt(document.layers[index].visible, progressOf(frame, length))) visibility.fill(1, start, start + many);
    }
    from += many;
  }
  return { positions, visibility, layer, length, count, width, height };
}

/**
 * @param {TrackDocument} document
 * @param {number} index
 * @param {Pair} at
 * @param {Fit} fit
 * @returns {BakeError | null}
 */
function startError(document, index, at, fit) {
  const [x, y] = toTarget(fit, at).map(Math.fround);
  if (x >= 0 && x < fit.width && y >= 0 && y < fit.height) return null;
  const window = windowOf(fit);
  const whole = window.every((side, edge) => side === [0, 0, document.width, document.height][edge]);
  const where = whole ? "the picture" : "what the crop leaves of the picture";
  const [left, top, right, bottom] = window.map((side) => rounded(side));
  const message =
    `${layerTitle(document, index)} starts at (${rounded(at[0])}, ${rounded(at[1])}), outside ${where} ` +
    `(${left} <= x < ${right}, ${top} <= y < ${bottom}): it has nothing to move. Move its start inside or disable it.`;
  return { kind: "start-outside", layer: index, message };
}

/**
 * @param {Clip} clip
 * @param {number} cell
 * @returns {BakeError | null}
 */
function requestError({ length, width, height }, cell) {
  const limits = Object.entries({ length: [length, MAX_LENGTH], width: [width, MAX_SIDE], height: [height, MAX_SIDE] });
  for (const [name, [value, most]] of [...limits, /** @type {const} */ (["cell", [cell, 1024]])]) {
    if (value >= 1 && value <= most && Number.isInteger(value)) continue;
    const message = `The ${name} of the tracks is ${value}; 1 to ${most} is needed.`;
    return { kind: "cannot-bake", layer: null, message };
  }
  return null;
}

/**
 * Only the topmost frame owns the background; a ripple of another would be lost.
 *
 * @param {TrackDocument} document
 * @returns {BakeError | null}
 */
function wavesError(document) {
  const frames = inDepthOrder(document).filter((index) => document.layers[index].region.kind === "frame");
  const index = frames.slice(0, -1).find((frame) => hasRipple(document.layers[frame]));
  if (index === undefined) return null;
  const kind = document.layers[index].motion.components.find((part) => COMPONENTS[part.kind].ripple)?.kind;
  const message =
    `${layerTitle(document, index)} has a ${kind}, but ${layerTitle(document, frames[frames.length - 1])} lies above it and ` +
    `carries the background; put the ${kind} there.`;
  return { kind: "cannot-bake", layer: index, message };
}

/**
 * @param {TrackDocument} document
 * @param {Map<number, Float64Array>} seeds by layer
 * @returns {BakeError | null}
 */
function countError(document, seeds) {
  const counts = [...seeds].map(([index, points]) => ({ index, count: points.length / 2 }));
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  if (total > 0 && total <= MAX_TRACKS) return null;
  if (!total) {
    const what = counts.length ? "all its regions lie outside the picture" : "it has no enabled layer";
    return {
      kind: "cannot-bake",
      layer: null,
      message: `The document makes no tracks: ${what}. Draw a layer inside the picture.`,
    };
  }
  const largest = counts.reduce((most, one) => (one.count > most.count ? one : most));
  const message =
    `The document makes ${total} tracks; ${MAX_TRACKS} are allowed. ${layerTitle(document, largest.index)} alone makes ` +
    `${largest.count}: lower its density (now ${rounded(document.layers[largest.index].density)}) or its scale.`;
  return { kind: "cannot-bake", layer: largest.index, message };
}

/**
 * @param {TrackDocument} document
 * @param {number} index
 * @returns {BakeError}
 */
function distanceError(document, index) {
  const title = layerTitle(document, index);
  const message = `${title} moves farther than ${rounded(FARTHEST)} px; lower its scale or path.`;
  return { kind: "cannot-bake", layer: index, message };
}
