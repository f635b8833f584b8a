/**
 * The kinds of regions: which places of the picture a layer takes hold of. The twin of wanmove_core/tracks/shapes.py; all
 * numbers are pixels of the reference picture.
 */

import { fillBrush, fillDisc, fillMask, fillPolygon, fillRectangle, markedCells } from "./fill.js";

/** @import { Box, Pair, Region } from "../types.js" */
/** @import { MaskRegion } from "./fill.js" */

/**
 * Whether an area covers a place; a point covers none, the whole frame and the rest cover all.
 *
 * @param {Region} region
 * @param {number} x
 * @param {number} y
 */
export function contains(region, x, y) {
  return coveredGrid(region, Float64Array.of(x), Float64Array.of(y))[0] === 1;
}

/**
 * Which places of a grid an area covers, as `contains` says. [H * W], 0 or 1
 *
 * @param {Region} region
 * @param {Float64Array} xs [W] rising
 * @param {Float64Array} ys [H] rising
 */
export function coveredGrid(region, xs, ys) {
  const covered = new Uint8Array(xs.length * ys.length);
  switch (region.kind) {
    case "disc":
      fillDisc(region.centre, region.radius, xs, ys, covered);
      break;
    case "rectangle":
      fillRectangle(region.box, xs, ys, covered);
      break;
    case "polygon":
      fillPolygon(region.points, xs, ys, covered);
      break;
    case "brush":
      fillBrush(region.points, region.radius, xs, ys, covered);
      break;
    case "mask":
      fillMask(region, xs, ys, covered);
      break;
    case "point":
      break;
    default:
      covered.fill(1);
  }
  return covered;
}

/**
 * The smallest box around a region; the picture (`width` x `height`) for the frame and the rest.
 *
 * @param {Region} region
 * @param {number} width
 * @param {number} height
 * @returns {Box}
 */
export function bounds(region, width, height) {
  if (region.kind === "frame" || region.kind === "rest") return [0, 0, width, height];
  const known = BOXES.get(region);
  if (known) return known;
  const box = boxOf(region);
  BOXES.set(region, box);
  return box;
}

/**
 * The middle of a region's box: the anchor of a motion that names none.
 *
 * @param {Region} region
 * @param {number} width
 * @param {number} height
 * @returns {Pair}
 */
export function centre(region, width, height) {
  const [left, top, right, bottom] = bounds(region, width, height);
  return [(left + right) / 2, (top + bottom) / 2];
}

/** Regions are frozen, so what is worked out of one holds for good. @type {WeakMap<Region, Box>} */
const BOXES = new WeakMap();

/**
 * @param {Exclude<Region, { kind: "frame" | "rest" }>} region
 * @returns {Box}
 */
function boxOf(region) {
  switch (region.kind) {
    case "point":
      return [region.at[0], region.at[1], region.at[0], region.at[1]];
    case "disc":
      return around([region.centre], region.radius);
    case "rectangle": {
      const [left, top, across, down] = region.box;
      return [left, top, left + across, top + down];
    }
    case "polygon":
      return around(region.points, 0);
    case "brush":
      return around(region.points, region.radius);
    case "mask":
      return maskBox(region);
  }
}

/**
 * @param {readonly Pair[]} corners
 * @param {number} margin
 * @returns {Box}
 */
function around(corners, margin) {
  let [left, top] = corners[0];
  let [right, bottom] = corners[0];
  for (const [x, y] of corners) {
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return [left - margin, top - margin, right + margin, bottom + margin];
}

/**
 * @param {MaskRegion} mask
 * @returns {Box}
 */
function maskBox(mask) {
  const marked = markedCells(mask);
  let [left, top, right, bottom] = [mask.columns, mask.rows, 0, 0];
  for (let row = 0; row < mask.rows; row++) {
    const start = row * mask.columns;
    const first = marked.subarray(start, start + mask.columns).indexOf(1);
    if (first < 0) continue;
    left = Math.min(left, first);
    right = Math.max(right, marked.subarray(start, start + mask.columns).lastIndexOf(1) + 1);
    top = Math.min(top, row);
    bottom = row + 1;
  }
  return [left * mask.cell, top * mask.cell, right * mask.cell, bottom * mask.cell];
}
