/** Marks the places of a grid that a region covers, row by row. */

/** @import { Pair, Region } from "../types.js" */
/** @typedef {Extract<Region, { kind: "mask" }>} MaskRegion */

/** Masks are frozen, so their cells hold for good. @type {WeakMap<MaskRegion, Uint8Array>} */
const MARKED = new WeakMap();

/**
 * Marks everything up to `radius` pixels from `middle`. All fillers mark a grid of `xs` [W] and `ys` [H], both rising, in
 * `covered` [H * W].
 *
 * @param {Pair} middle
 * @param {number} radius
 * @param {Float64Array} xs
 * @param {Float64Array} ys
 * @param {Uint8Array} covered
 */
export function fillDisc(middle, radius, xs, ys, covered) {
  const limit = radius * radius;
  let at = 0;
  for (const y of ys) {
    const down = (y - middle[1]) * (y - middle[1]);
    for (let column = 0; column < xs.length; column++, at++) {
      const across = xs[column] - middle[0];
      if (across * across + down <= limit) covered[at] = 1;
    }
  }
}

/**
 * The right and bottom edges are outside.
 *
 * @param {readonly [number, number, number, number]} box
 * @param {Float64Array} xs
 * @param {Float64Array} ys
 * @param {Uint8Array} covered
 */
export function fillRectangle([left, top, width, height], xs, ys, covered) {
  const [from, to] = [countBelow(xs, left), countBelow(xs, left + width)];
  const below = countBelow(ys, top + height);
  for (let row = countBelow(ys, top); row < below; row++) {
    covered.fill(1, row * xs.length + from, row * xs.length + to);
  }
}

/**
 * Even-odd: an edge with (y1 <= y) != (y2 <= y) flips every place to the left of where it crosses the row. Edges only mark the
 * last place that they flip; one pass from the right adds the flips up.
 *
 * @param {readonly Pair[]} corners
 * @param {Float64Array} xs
 * @param {Float64Array} ys
 * @param {Uint8Array} covered
 */
export function fillPolygon(corners, xs, ys, covered) {
  let [x1, y1] = corners[corners.length - 1];
  for (const [x2, y2] of corners) {
    const last = countBelow(ys, Math.max(y1, y2));
    for (let row = y1 === y2 ? last : countBelow(ys, Math.min(y1, y2)); row < last; row++) {
      const flipped = countBelow(xs, x1 + ((ys[row] - y1) * (x2 - x1)) / (y2 - y1));
      if (flipped) covered[row * xs.length + flipped - 1] ^= 1;
    }
    [x1, y1] = [x2, y2];
  }
  for (let row = 0; row < ys.length; row++) {
    let inside = 0;
    for (let at = (row + 1) * xs.length - 1; at >= row * xs.length; at--) {
      inside ^= covered[at];
      covered[at] = inside;
    }
  }
}

/**
 * Marks everything up to `radius` pixels from the line.
 *
 * @param {readonly Pair[]} line
 * @param {number} radius
 * @param {Float64Array} xs
 * @param {Float64Array} ys
 * @param {Uint8Array} covered
 */
export function fillBrush(line, radius, xs, ys, covered) {
  const segments = Math.max(line.length - 1, 1);
  for (let index = 0; index < segments; index++) {
    fillSegment(line[index], line[Math.min(index + 1, line.length - 1)], radius, xs, ys, covered);
  }
}

/**
 * All up to `radius` from a segment. What it covers of a row has no gaps, so only its two ends are looked for.
 *
 * @param {Pair} start
 * @param {Pair} end
 * @param {number} radius
 * @param {Float64Array} xs
 * @param {Float64Array} ys
 * @param {Uint8Array} covered
 */
function fillSegment(start, end, radius, xs, ys, covered) {
  const x0 = countBelow(xs, Math.min(start[0], end[0]) - radius);
  const x1 = countUpTo(xs, Math.max(start[0], end[0]) + radius);
  const y0 = countBelow(ys, Math.min(start[1], end[1]) - radius);
  const y1 = countUpTo(ys, Math.max(start[1], end[1]) + radius);
  const [across, down, limit] = [end[0] - start[0], end[1] - start[1], radius * radius];
  for (let row = y0; row < y1; row++) {
    const y = ys[row] - start[1];
    let [first, last] = [x0, x1 - 1];
    while (first <= last && squaredDistance(xs[first] - start[0], y, across, down) > limit) first++;
    while (last > first && squaredDistance(xs[last] - start[0], y, across, down) > limit) last--;
    if (first <= last) covered.fill(1, row * xs.length + first, row * xs.length + last + 1);
  }
}

/**
 * From a place to the segment from (0, 0) to (across, down).
 *
 * @param {number} x
 * @param {number} y
 * @param {number} across
 * @param {number} down
 */
function squaredDistance(x, y, across, down) {
  const squared = across * across + down * down;
  const along = squared > 0 ? Math.min(Math.max((x * across + y * down) / squared, 0), 1) : 0;
  const aside = x - along * across;
  const below = y - along * down;
  return aside * aside + below * below;
}

/**
 * Marks the places in marked cells.
 *
 * @param {MaskRegion} mask
 * @param {Float64Array} xs
 * @param {Float64Array} ys
 * @param {Uint8Array} covered
 */
export function fillMask(mask, xs, ys, covered) {
  const marked = markedCells(mask);
  const columns = Int32Array.from(xs, (x) => Math.floor(x / mask.cell));
  for (let index = 0; index < ys.length; index++) {
    const row = Math.floor(ys[index] / mask.cell);
    if (row < 0 || row >= mask.rows) continue;
    for (let place = 0; place < xs.length; place++) {
      const column = columns[place];
      if (column >= 0 && column < mask.columns) covered[index * xs.length + place] = marked[row * mask.columns + column];
    }
  }
}

/**
 * The mask's cells in reading order. [rows * columns], 0 or 1
 *
 * @param {MaskRegion} mask
 */
export function markedCells(mask) {
  const known = MARKED.get(mask);
  if (known) return known;
  const cells = new Uint8Array(mask.columns * mask.rows);
  let at = 0;
  mask.runs.forEach((run, index) => {
    if (index % 2) cells.fill(1, at, at + run);
    at += run;
  });
  MARKED.set(mask, cells);
  return cells;
}

/**
 * How many of rising values are below a limit (numpy's searchsorted, side "left").
 *
 * @param {Float64Array} values
 * @param {number} limit
 */
export function countBelow(values, limit) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * How many of rising values are at most a limit (numpy's searchsorted, side "right").
 *
 * @param {Float64Array} values
 * @param {number} limit
 */
export function countUpTo(values, limit) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
