/** The outlines of regions as closed loops of points. */

import { contourOf } from "./contour.js";

/** @import { Pair, Region } from "../../types.js" */

const DISC_POINTS = 96;

/** @type {WeakMap<Region, readonly Float64Array[]>} */
const known = new WeakMap();

/**
 * The closed outlines of a region in reference pixels, each [N * 2]; by the even-odd rule they bound what it covers.
 * A point has none, nor has the `rest`; the `frame` has the picture's border.
 *
 * @param {Region} region
 * @param {number} width of the picture
 * @param {number} height
 * @returns {readonly Float64Array[]}
 */
export function loopsOf(region, width, height) {
  if (region.kind === "frame") return [corners(0, 0, width, height)];
  const before = known.get(region);
  if (before) return before;
  const loops = makeLoops(region);
  known.set(region, loops);
  return loops;
}

/**
 * Loops with further points on their sides, so that no side is longer than `step`: what a ripple needs to bend them.
 *
 * @param {readonly Float64Array[]} loops
 * @param {number} step
 */
export function refine(loops, step) {
  return loops.map((loop) => {
    /** @type {number[]} */
    const points = [];
    const count = loop.length / 2;
    for (let i = 0; i < count; i++) {
      const next = (i + 1) % count;
      const [x, y] = [loop[2 * i], loop[2 * i + 1]];
      const [across, down] = [loop[2 * next] - x, loop[2 * next + 1] - y];
      const parts = Math.min(Math.max(Math.ceil(Math.hypot(across, down) / step), 1), 256);
      for (let part = 0; part < parts; part++) points.push(x + (across * part) / parts, y + (down * part) / parts);
    }
    return Float64Array.from(points);
  });
}

/**
 * Adds loops to a path or a context.
 *
 * @param {Pick<CanvasPath, "moveTo" | "lineTo" | "closePath">} pen
 * @param {readonly Float64Array[]} loops
 */
export function traceLoops(pen, loops) {
  for (const loop of loops) {
    if (!loop.length) continue;
    pen.moveTo(loop[0], loop[1]);
    for (let i = 2; i < loop.length; i += 2) pen.lineTo(loop[i], loop[i + 1]);
    pen.closePath();
  }
}

/**
 * @param {Region} region
 * @returns {readonly Float64Array[]}
 */
function makeLoops(region) {
  switch (region.kind) {
    case "disc":
      return [circle(region.centre, region.radius)];
    case "rectangle": {
      const [left, top, across, down] = region.box;
      return [corners(left, top, left + across, top + down)];
    }
    case "polygon":
      return [Float64Array.from(region.points.flat())];
    case "brush":
      return region.points.length === 1 ? [circle(region.points[0], region.radius)] : contourOf(region.points, region.radius);
    case "mask":
      return maskLoops(region);
    default:
      return [];
  }
}

/**
 * @param {number} left
 * @param {number} top
 * @param {number} right
 * @param {number} bottom
 */
function corners(left, top, right, bottom) {
  return Float64Array.of(left, top, right, top, right, bottom, left, bottom);
}

/**
 * @param {Pair} centre
 * @param {number} radius
 */
function circle([x, y], radius) {
  const points = new Float64Array(DISC_POINTS * 2);
  for (let i = 0; i < DISC_POINTS; i++) {
    const angle = (2 * Math.PI * i) / DISC_POINTS;
    points[2 * i] = x + radius * Math.cos(angle);
    points[2 * i + 1] = y + radius * Math.sin(angle);
  }
  return points;
}

/**
 * The borders between marked and unmarked cells, joined to loops that keep the marked cells on their right.
 *
 * @param {Extract<Region, { kind: "mask" }>} mask
 */
function maskLoops(mask) {
  const { columns, rows, cell } = mask;
  const marked = markedCells(mask);
  /** @type {(column: number, row: number) => boolean} */
  const at = (column, row) => column >= 0 && row >= 0 && column < columns && row < rows && marked[row * columns + column] === 1;
  const across = columns + 1;
  /** From a corner to the corners that its borders lead to. @type {Map<number, number[]>} */
  const borders = new Map();
  /** @type {(from: number, to: number) => void} */
  const add = (from, to) => {
    const others = borders.get(from);
    if (others) others.push(to);
    else borders.set(from, [to]);
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (!at(column, row)) continue;
      const corner = row * across + column;
      if (!at(column, row - 1)) add(corner, corner + 1);
      if (!at(column + 1, row)) add(corner + 1, corner + 1 + across);
      if (!at(column, row + 1)) add(corner + 1 + across, corner + across);
      if (!at(column - 1, row)) add(corner + across, corner);
    }
  }
  return joinBorders(borders, across, cell);
}

/** @param {Extract<Region, { kind: "mask" }>} mask */
function markedCells(mask) {
  const marked = new Uint8Array(mask.columns * mask.rows);
  let at = 0;
  mask.runs.forEach((run, index) => {
    if (index % 2 === 1) marked.fill(1, at, at + run);
    at += run;
  });
  return marked;
}

/**
 * @param {Map<number, number[]>} borders
 * @param {number} across corners in a row
 * @param {number} cell
 */
function joinBorders(borders, across, cell) {
  /** @type {Float64Array[]} */
  const loops = [];
  for (const first of borders.keys()) {
    while (borders.get(first)?.length) {
      /** @type {number[]} */
      const loop = [];
      let [corner, step] = [first, 0];
      for (let next = borders.get(corner)?.pop(); next !== undefined; next = borders.get(corner)?.pop()) {
        // Corners in the middle of a straight line would only make the loop longer.
        if (next - corner !== step) loop.push((corner % across) * cell, Math.floor(corner / across) * cell);
        step = next - corner;
        corner = next;
        if (corner === first) break;
      }
      loops.push(Float64Array.from(loop));
    }
  }
  return loops;
}
