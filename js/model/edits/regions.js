/** Edits of what a layer takes hold of: what a drag at progress 0 does. */

import { applyAffine, composeAffines } from "../affines.js";
import { markedCells } from "../fill.js";
import { COORDINATE_LIMIT } from "../readers.js";
import { MASK_RUNS } from "../regions_schema.js";
import { bounds } from "../shapes.js";
import { tidy, tidyPair } from "../tidy.js";

/** @import { Affine, Layer, Pair, Region } from "../../types.js" */
/** @typedef {Extract<Region, { kind: "mask" }>} MaskRegion */

/** Pixels; a region is not made thinner by hand. */
const THINNEST = 1;

/**
 * The layer's region elsewhere, its anchor with it; unchanged where it would leave what a document can hold. A mask moves by
 * whole cells, as far as its grid goes.
 *
 * @param {Layer} layer
 * @param {Pair} by pixels
 * @returns {Layer}
 */
export function moveRegion(layer, by) {
  if (by[0] === 0 && by[1] === 0) return layer;
  if (layer.region.kind === "mask") return moveMask(layer, layer.region, by);
  return transformRegion(layer, [1, 0, by[0], 0, 1, by[1]]);
}

/**
 * The layer with its region and anchor under an affine map. What a kind of region cannot do it leaves out: a disc stays
 * round; a rectangle that turns becomes a polygon; masks, the frame and the rest stay.
 *
 * @param {Layer} layer
 * @param {Affine} affine
 * @returns {Layer}
 */
export function transformRegion(layer, affine) {
  const region = transformed(layer.region, affine);
  if (region === layer.region || !isInLimits(region)) return layer;
  const { anchor } = layer.motion;
  if (!anchor) return { ...layer, region };
  const moved = tidyPair(applyAffine(affine, anchor[0], anchor[1]));
  return moved.every(isPlace) ? { ...layer, region, motion: { ...layer.motion, anchor: moved } } : layer;
}

/**
 * The map that scales by factors [across, down] about a place.
 *
 * @param {Pair} pivot
 * @param {Pair} factors
 * @returns {Affine}
 */
export function scaleAbout([x, y], [across, down]) {
  return [across, 0, x - across * x, 0, down, y - down * y];
}

/**
 * The map that turns by degrees clockwise about a place.
 *
 * @param {Pair} pivot
 * @param {number} degrees
 * @returns {Affine}
 */
export function turnAbout([x, y], degrees) {
  const angle = (degrees * Math.PI) / 180;
  const [along, aside] = [Math.cos(angle), Math.sin(angle)];
  return composeAffines([1, 0, x, 0, 1, y], composeAffines([along, -aside, 0, aside, along, 0], [1, 0, -x, 0, 1, -y]));
}

/**
 * @param {Layer} layer a disc
 * @param {number} radius
 * @returns {Layer}
 */
export function setRadius(layer, radius) {
  if (layer.region.kind !== "disc" || !(radius <= COORDINATE_LIMIT)) return layer;
  return { ...layer, region: { ...layer.region, radius: Math.max(tidy(radius), THINNEST) } };
}

/**
 * Whether a document can hold the region: places and sizes up to its limit.
 *
 * @param {Region} region
 */
export function isInLimits(region) {
  switch (region.kind) {
    case "point":
      return region.at.every(isPlace);
    case "disc":
      return region.centre.every(isPlace) && isSize(region.radius);
    case "rectangle":
      return region.box.every(isPlace) && isSize(region.box[2]) && isSize(region.box[3]);
    case "polygon":
      return region.points.every((point) => point.every(isPlace));
    case "brush":
      return region.points.every((point) => point.every(isPlace)) && isSize(region.radius);
    default:
      return true;
  }
}

/**
 * @param {number} value
 */
export function isPlace(value) {
  return Math.abs(value) <= COORDINATE_LIMIT;
}

/**
 * @param {Region} region
 * @param {Affine} affine
 * @returns {Region}
 */
function transformed(region, affine) {
  const move = (/** @type {Pair} */ [x, y]) => tidyPair(applyAffine(affine, x, y));
  const grown = (/** @type {number} */ radius) => (growth === 1 ? radius : tidy(radius * growth));
  const growth = Math.sqrt(Math.abs(affine[0] * affine[4] - affine[1] * affine[3]));
  switch (region.kind) {
    case "point":
      return { ...region, at: move(region.at) };
    case "disc":
      return { ...region, centre: move(region.centre), radius: grown(region.radius) };
    case "rectangle":
      return transformedRectangle(region.box, affine);
    case "polygon":
      return { ...region, points: region.points.map(move) };
    case "brush":
      return { ...region, points: region.points.map(move), radius: grown(region.radius) };
    default:
      return region;
  }
}

/**
 * @param {readonly [number, number, number, number]} box
 * @param {Affine} affine
 * @returns {Region}
 */
function transformedRectangle([left, top, width, height], affine) {
  const corners = /** @type {Pair[]} */ ([
    [left, top],
    [left + width, top],
    [left + width, top + height],
    [left, top + height],
  ]).map(([x, y]) => tidyPair(applyAffine(affine, x, y)));
  if (Math.abs(affine[1]) > 1e-9 || Math.abs(affine[3]) > 1e-9) return { kind: "polygon", points: corners };
  const [across, down] = [
    affine[0] === 1 ? width : tidy(width * Math.abs(affine[0])),
    affine[4] === 1 ? height : tidy(height * Math.abs(affine[4])),
  ];
  return {
    kind: "rectangle",
    box: [Math.min(corners[0][0], corners[2][0]), Math.min(corners[0][1], corners[2][1]), across, down],
  };
}

/** @param {number} size */
function isSize(size) {
  return size > 0 && size <= COORDINATE_LIMIT;
}

/**
 * @param {Layer} layer
 * @param {MaskRegion} mask
 * @param {Pair} by
 * @returns {Layer}
 */
function moveMask(layer, mask, by) {
  const cells = markedCells(mask);
  const [left, top, right, bottom] = bounds(mask, 0, 0).map((edge) => Math.round(edge / mask.cell));
  const across = held(Math.round(by[0] / mask.cell), -left, mask.columns - right);
  const down = held(Math.round(by[1] / mask.cell), -top, mask.rows - bottom);
  if (!across && !down) return layer;
  const moved = new Uint8Array(cells.length);
  for (let row = top; row < bottom; row += 1) {
    const from = row * mask.columns;
    moved.set(cells.subarray(from + left, from + right), (row + down) * mask.columns + left + across);
  }
  const region = { ...mask, runs: runsOf(moved) };
  if (region.runs.length > MASK_RUNS) return layer;
  const { anchor } = layer.motion;
  if (!anchor) return { ...layer, region };
  const beside = /** @type {Pair} */ ([anchor[0] + across * mask.cell, anchor[1] + down * mask.cell]);
  return beside.every(isPlace) ? { ...layer, region, motion: { ...layer.motion, anchor: beside } } : layer;
}

/**
 * Lengths in reading order, unmarked first.
 *
 * @param {Uint8Array} cells
 */
function runsOf(cells) {
  const runs = [0];
  let marked = 0;
  for (const cell of cells) {
    if (cell !== marked) {
      runs.push(0);
      marked = cell;
    }
    runs[runs.length - 1] += 1;
  }
  return runs;
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
function held(value, low, high) {
  return Math.max(low, Math.min(high, value)) + 0;
}
