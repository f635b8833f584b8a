/** Fewer points for the same line, by Ramer, Douglas and Peucker: no point left out is farther away than the tolerance. */

/** @import { Pair } from "../types.js" */

/**
 * A line with fewer points; first and last stay.
 *
 * @param {readonly Pair[]} points
 * @param {number} tolerance pixels
 * @returns {Pair[]}
 */
export function simplify(points, tolerance) {
  return chosen(
    points,
    keptIndices(points.length, tolerance, (at, from, to) => offLine(points[at], points[from], points[to])),
  );
}

/**
 * A closed outline with fewer points. It is cut where it is widest, so that where it was begun leaves no corner.
 *
 * @param {readonly Pair[]} points without the first one again at the end
 * @param {number} tolerance pixels
 * @returns {Pair[]}
 */
export function simplifyOutline(points, tolerance) {
  if (points.length < 3) return [...points];
  const first = farthestFrom(points, points[0]);
  const turned = [...points.slice(first), ...points.slice(0, first)];
  const second = farthestFrom(turned, turned[0]);
  const there = simplify(turned.slice(0, second + 1), tolerance);
  const back = simplify([...turned.slice(second), turned[0]], tolerance);
  return inOrder([...there, ...back.slice(1, -1)], points);
}

/**
 * Which points of a line to keep so that it is near enough at every time, not only as a shape. Indices, ascending
 *
 * @param {readonly Pair[]} points
 * @param {readonly number[]} times rising
 * @param {number} tolerance pixels
 */
export function simplifyTimed(points, times, tolerance) {
  return keptIndices(points.length, tolerance, (at, from, to) => {
    const part = (times[at] - times[from]) / (times[to] - times[from]);
    const [x, y] = points[from];
    const across = x + (points[to][0] - x) * part - points[at][0];
    return Math.hypot(across, y + (points[to][1] - y) * part - points[at][1]);
  });
}

/**
 * What `fit` makes with the least tolerance (doubled from `tolerance` on) that leaves `most` points or fewer.
 *
 * @template T
 * @param {(tolerance: number) => readonly T[]} fit
 * @param {number} tolerance pixels
 * @param {number} most
 * @returns {readonly T[]}
 */
export function withinLimit(fit, tolerance, most) {
  let found = fit(tolerance);
  for (let looser = Math.max(tolerance * 2, 1); found.length > most && looser < 1e9; looser *= 2) found = fit(looser);
  return found.length > most ? found.slice(0, most) : found;
}

/**
 * A ring of some of the points, begun where the points begin.
 *
 * @param {readonly Pair[]} ring
 * @param {readonly Pair[]} points
 */
function inOrder(ring, points) {
  const places = new Map(points.map((point, index) => [point, index]));
  const order = ring.map((point) => places.get(point) ?? 0);
  const first = order.indexOf(Math.min(...order));
  return [...ring.slice(first), ...ring.slice(0, first)];
}

/**
 * @param {readonly Pair[]} points
 * @param {readonly number[]} indices
 */
function chosen(points, indices) {
  return indices.map((index) => points[index]);
}

/**
 * @param {number} count
 * @param {number} tolerance
 * @param {(at: number, from: number, to: number) => number} errorOf
 * @returns {number[]}
 */
function keptIndices(count, tolerance, errorOf) {
  if (count < 3) return [...Array(count).keys()];
  const keep = new Uint8Array(count);
  keep[0] = keep[count - 1] = 1;
  const open = [[0, count - 1]];
  for (let span = open.pop(); span; span = open.pop()) {
    const [from, to] = span;
    let [worst, error] = [-1, tolerance];
    for (let at = from + 1; at < to; at += 1) {
      const away = errorOf(at, from, to);
      if (away > error) [worst, error] = [at, away];
    }
    if (worst < 0) continue;
    keep[worst] = 1;
    open.push([from, worst], [worst, to]);
  }
  return [...keep.keys()].filter((index) => keep[index]);
}

/**
 * Distance of a point from a stretch of line.
 *
 * @param {Pair} point
 * @param {Pair} from
 * @param {Pair} to
 */
function offLine([x, y], from, to) {
  const [across, down] = [to[0] - from[0], to[1] - from[1]];
  const squared = across * across + down * down;
  const along = squared > 0 ? Math.max(0, Math.min(1, ((x - from[0]) * across + (y - from[1]) * down) / squared)) : 0;
  return Math.hypot(from[0] + along * across - x, from[1] + along * down - y);
}

/**
 * @param {readonly Pair[]} points
 * @param {Pair} from
 */
function farthestFrom(points, from) {
  let [farthest, most] = [0, -1];
  points.forEach(([x, y], index) => {
    const away = Math.hypot(x - from[0], y - from[1]);
    if (away > most) [farthest, most] = [index, away];
  });
  return farthest;
}
