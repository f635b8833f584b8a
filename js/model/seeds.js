/** The start points of a layer's tracks. */

import { isDrawn, layersAbove, ownedBy } from "./depth.js";
import { layerTitle } from "./document.js";
import { DocumentError } from "./errors.js";
import { scaleAt } from "./motion.js";
import { bounds, coveredGrid } from "./shapes.js";
import { rounded } from "./wording.js";

/** @import { Box, Layer, Pair, TrackDocument } from "../types.js" */

export const MAX_TRACKS = 65_536;
/** A `frame` or `rest` layer is sown this densely at most, however far the camera zooms in. */
const BACKGROUND_TRACKS = 32_768;
/** Clip progresses at which the largest scale is looked for. */
const SAMPLES = 129;
/** To the ninth decimal. */
const DIGITS = 1e9;
const MAX_GRID = 2_097_152;
const MAX_FINE_GRID = 262_144;
const HALVINGS = 6;
/** Cells; a centre nearer to the right or lower edge may be rounded out of the picture. */
const EDGE = 1e-3;

/**
 * Start points of the layer's tracks, in reading order, at centres of grid cells. [N * 2] reference pixels, not to be written
 * to
 *
 * The grid has one point a `cell` (times the layer's density) where the layer is largest: a region that grows twofold is sown
 * twice as densely each way. A region that misses every centre gets one point. A point region gives its point, wherever it is;
 * other starts outside the window are left out.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {number | Pair} cell reference pixels that one latent cell covers, or [across, down]
 * @param {Box} window the part of the reference picture that the target shows
 * @throws {DocumentError} the layer grows too large or is too dense
 */
export function seedPoints(document, layer, cell = 8, window = [0, 0, document.width, document.height]) {
  if (layer.region.kind === "point") return Float64Array.from(layer.region.at);
  /** @type {Pair} */
  const cells = typeof cell === "number" ? [cell, cell] : cell;
  const above = layersAbove(document, layer);
  const cameras = document.layers.filter((other) => other.enabled && other.region.kind === "frame");
  const regions = above.map((other) => other.region);
  const from = [document.width, document.height, ...cells, ...window, ...cameras, null, ...regions];
  const known = SEEDS.get(layer);
  if (known && from.length === known.from.length && from.every((item, at) => item === known.from[at])) return known.seeds;
  const seeds = sow(document, layer, cells, window);
  SEEDS.set(layer, { from, seeds });
  return seeds;
}

/** A layer's seeds and all that they were worked out from. @type {WeakMap<Layer, { from: unknown[], seeds: Float64Array }>} */
const SEEDS = new WeakMap();

/**
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {Pair} cells
 * @param {Box} window
 */
function sow(document, layer, cells, window) {
  const factor = sowingFactor(document, layer, cells, window);
  /** @type {Pair} */
  const spacing = [cells[0] / factor, cells[1] / factor];
  /** @type {Pair} */
  const origin = [window[0], window[1]];
  /** @type {Box} */
  const inner = [window[0], window[1], window[2] - EDGE * spacing[0], window[3] - EDGE * spacing[1]];
  const box = overlap(bounds(layer.region, document.width, document.height), inner);
  checkGrid(document, layer, box, spacing);
  const xs = centres(box[0], box[2], origin[0], spacing[0]);
  const ys = centres(box[1], box[3], origin[1], spacing[1]);
  if (!coveredGrid(layer.region, xs, ys).includes(1)) return singleSeed(layer, box, origin, spacing);
  return placesIn(ownedBy(document, layer, xs, ys, cells, origin), xs, ys);
}

/**
 * Start points per cell side.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {Pair} cells
 * @param {Box} window
 */
function sowingFactor(document, layer, cells, window) {
  let largest = 0;
  for (let sample = 0; sample < SAMPLES; sample++) {
    largest = Math.max(largest, scaleAt(document, layer, sample / (SAMPLES - 1)));
  }
  if (!Number.isFinite(largest)) {
    throw new DocumentError(`${nameOf(document, layer)} grows beyond all bounds; lower its scale or the camera's.`);
  }
  // The last bits of a turned matrix differ between maths libraries, and a factor a hair over 1 moves every grid point.
  const factor = Math.max(Math.round(largest * DIGITS) / DIGITS, 1) * Math.sqrt(layer.density);
  if (isDrawn(layer)) return factor;
  const [across, down] = [(window[2] - window[0]) / cells[0], (window[3] - window[1]) / cells[1]];
  return Math.min(factor, Math.sqrt(BACKGROUND_TRACKS / (across * down)));
}

/**
 * Refuse before making it a grid that memory should not be spent on.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {Box} box
 * @param {Pair} spacing
 */
function checkGrid(document, layer, box, spacing) {
  const [across, down] = sides(box, spacing);
  if (across * down <= MAX_GRID) return;
  throw new DocumentError(
    `${nameOf(document, layer)} is so large and dense that a grid of ${rounded(across, 3)} x ${rounded(down, 3)} start points ` +
      `would be needed; ${MAX_TRACKS} tracks are allowed. Lower its density or its scale.`,
  );
}

/**
 * Grid cells across and down a box, one at least.
 *
 * @param {Box} box
 * @param {Pair} spacing
 * @returns {Pair}
 */
function sides(box, spacing) {
  return [Math.max((box[2] - box[0]) / spacing[0], 1), Math.max((box[3] - box[1]) / spacing[1], 1)];
}

/**
 * One start point for a region that lies between the centres: on ever finer grids the one nearest to its box's middle.
 *
 * @param {Layer} layer
 * @param {Box} box
 * @param {Pair} origin
 * @param {Pair} spacing
 */
function singleSeed(layer, box, origin, spacing) {
  const [across, down] = [box[2] - box[0], box[3] - box[1]];
  if (across <= 0 || down <= 0) return new Float64Array(0);
  /** @type {Pair} */
  const middle = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  for (let halving = 1; halving <= HALVINGS; halving++) {
    /** @type {Pair} */
    const fine = [spacing[0] / 2 ** halving, spacing[1] / 2 ** halving];
    const [columns, rows] = sides(box, fine);
    if (columns * rows > MAX_FINE_GRID) break;
    const [xs, ys] = [centres(box[0], box[2], origin[0], fine[0]), centres(box[1], box[3], origin[1], fine[1])];
    const found = placesIn(coveredGrid(layer.region, xs, ys), xs, ys);
    if (found.length) return nearest(found, middle);
  }
  return across < spacing[0] && down < spacing[1] ? Float64Array.from(middle) : new Float64Array(0);
}

/**
 * The first of the nearest. [2]
 *
 * @param {Float64Array} places [N * 2]
 * @param {Pair} middle
 */
function nearest(places, middle) {
  let [best, least] = [0, Infinity];
  for (let at = 0; at < places.length; at += 2) {
    const [x, y] = [places[at] - middle[0], places[at + 1] - middle[1]];
    if (x * x + y * y < least) [best, least] = [at, x * x + y * y];
  }
  return places.slice(best, best + 2);
}

/**
 * Centres of grid cells from `low` to `high`.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} origin
 * @param {number} spacing
 */
function centres(low, high, origin, spacing) {
  const [first, last] = [Math.ceil((low - origin) / spacing - 0.5), Math.floor((high - origin) / spacing - 0.5)];
  return Float64Array.from({ length: Math.max(last + 1 - first, 0) }, (_, index) => origin + (first + index + 0.5) * spacing);
}

/**
 * The marked places of a grid in reading order. [N * 2]
 *
 * @param {Uint8Array} marked
 * @param {Float64Array} xs
 * @param {Float64Array} ys
 */
function placesIn(marked, xs, ys) {
  let count = 0;
  for (const one of marked) count += one;
  const places = new Float64Array(2 * count);
  let to = 0;
  for (let at = 0; at < marked.length; at++) {
    if (!marked[at]) continue;
    places[to++] = xs[at % xs.length];
    places[to++] = ys[Math.floor(at / xs.length)];
  }
  return places;
}

/**
 * @param {Box} a
 * @param {Box} b
 * @returns {Box}
 */
function overlap(a, b) {
  return [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
}

/**
 * @param {TrackDocument} document
 * @param {Layer} layer
 */
function nameOf(document, layer) {
  const index = document.layers.indexOf(layer);
  return index < 0 ? `The layer "${layer.name}"` : layerTitle(document, index);
}
