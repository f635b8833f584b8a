/** A path as another kind. */

import { COORDINATE_LIMIT } from "../readers.js";

/** @import { Pair, Path } from "../../types.js" */

/** Square root of pixels: nearer points count as one, as in curves.js. */
const TOUCHING = 1e-6;

/**
 * The same way as Bezier curves. Straight lines keep handles of no length; points keep their times.
 *
 * @param {Path} path
 * @returns {Path}
 */
export function toBezier(path) {
  if (path.kind === "bezier") return path;
  const handles = path.points.map((_, index) => (path.kind === "linear" ? NONE : handlesAt(path.points, index)));
  /** @type {Path} */
  const curved = { ...path, kind: "bezier", handles };
  return isPathInLimits(curved) ? curved : { ...curved, handles: [] };
}

/**
 * Whether a document can hold the path: a curve may bulge out farther than its points.
 *
 * @param {Path} path
 */
export function isPathInLimits(path) {
  const isIn = (/** @type {readonly number[]} */ row) => row.every((value) => Math.abs(value) <= COORDINATE_LIMIT);
  return path.points.every(isIn) && path.handles.every(isIn);
}

/** @type {readonly [number, number, number, number]} */
const NONE = [0, 0, 0, 0];

/**
 * Handles that make of Bezier segments the centripetal Catmull-Rom curve through the points.
 *
 * @param {readonly Pair[]} points
 * @param {number} index
 * @returns {readonly [number, number, number, number]}
 */
function handlesAt(points, index) {
  const [into] = points[index - 1] ? segmentHandles(points, index - 1).slice(1) : [[0, 0]];
  const [out] = points[index + 1] ? segmentHandles(points, index) : [[0, 0]];
  return [into[0], into[1], out[0], out[1]];
}

/**
 * The handles out of a segment's first point and into its second, each relative to its own.
 *
 * @param {readonly Pair[]} points
 * @param {number} index
 * @returns {[Pair, Pair]}
 */
function segmentHandles(points, index) {
  const [from, to] = [points[index], points[index + 1]];
  const before = points[index - 1] ?? reflected(from, to);
  const after = points[index + 2] ?? reflected(to, from);
  const middle = gap(from, to, TOUCHING);
  const [first, last] = [gap(before, from, middle), gap(to, after, middle)];
  const out = tangent([before, from, to], [first, middle]);
  const back = tangent([after, to, from], [last, middle]);
  return [out, back];
}

/**
 * A third of the speed at the middle of three points, over the second gap.
 *
 * @param {[Pair, Pair, Pair]} points
 * @param {[number, number]} gaps square roots of distances
 * @returns {Pair}
 */
function tangent([before, at, next], [first, second]) {
  const weight = 1 / (3 * first * (first + second));
  const along = (/** @type {0 | 1} */ axis) =>
    (first * first * (next[axis] - at[axis]) + second * second * (at[axis] - before[axis])) * weight;
  return [along(0), along(1)];
}

/**
 * @param {Pair} a
 * @param {Pair} b
 * @param {number} instead where they touch
 */
function gap(a, b, instead) {
  const length = Math.sqrt(Math.hypot(b[0] - a[0], b[1] - a[1]));
  return length < TOUCHING ? instead : length;
}

/**
 * @param {Pair} about
 * @param {Pair} point
 * @returns {Pair}
 */
function reflected(about, point) {
  return [2 * about[0] - point[0], 2 * about[1] - point[1]];
}
