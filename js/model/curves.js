/**
 * Paths: straight lines, centripetal Catmull-Rom and cubic Bezier curves, walked at constant speed. A curve is flattened to
 * chords (STEPS a segment, evenly in its parameter) once a path object; walking it is a search and an interpolation.
 */

/** @import { Pair, Path, PathKind } from "../types.js" */
/** @import { Reader } from "./schema.js" */

import { DocumentError } from "./errors.js";
import { COORDINATE_LIMIT, choice, listOf, number, numbers, POINT_LIMIT, points } from "./readers.js";
import { field, readFields, requiredField, writeFields } from "./schema.js";
import { checkRising } from "./timing.js";
import { rounded } from "./wording.js";

/** Chords of one segment of a curve. */
export const STEPS = 64;

/** @type {readonly PathKind[]} */
export const PATH_KINDS = Object.freeze(["linear", "catmull-rom", "bezier"]);

/** Pixels: a shorter chord is no movement. */
const STANDING = 1e-9;
/** Square root of pixels: nearer points count as one. */
const TOUCHING = 1e-6;

/**
 * A path ready to be walked: its chords, the way travelled to each corner, and of the corners that lie beyond the one
 * before them the way and the places; for paths with times the way to each of their own points.
 * @typedef {{ chords: Float64Array, travelled: Float64Array, ways: Float64Array, xs: Float64Array, ys: Float64Array,
 *   atPoints: Float64Array }} Walkable
 */

/** @type {WeakMap<Path, Walkable>} */
const walkables = new WeakMap();

/**
 * The places on the path at phases [T]; phases beyond 0…1 go on straight ahead. [T, 2] flat, pixels, x first
 * @param {Path} path
 * @param {ArrayLike<number>} phases
 * @returns {Float64Array}
 */
export function walk(path, phases) {
  const places = new Float64Array(phases.length * 2);
  for (let index = 0; index < phases.length; index += 1) walkInto(path, phases[index], places, index * 2);
  return places;
}

/**
 * `walk` for one phase, without making anything: x and y go to `places[at]` and `places[at + 1]`.
 * @param {Path} path
 * @param {number} phase
 * @param {Float64Array} places
 * @param {number} at
 */
export function walkInto(path, phase, places, at) {
  const { ways, xs, ys, travelled, atPoints } = walkableOf(path);
  if (ways.length < 2) {
    places[at] = xs[0];
    places[at + 1] = ys[0];
    return;
  }
  const way = path.times.length ? piecewise(phase, path.times, atPoints) : phase * travelled[travelled.length - 1];
  places[at] = piecewise(way, ways, xs);
  places[at + 1] = piecewise(way, ways, ys);
}

/**
 * The path as corners of chords, its own points among them. [K, 2] flat, pixels; not to be written to
 * @param {Path} path
 * @returns {Float64Array}
 */
export function flatten(path) {
  return walkableOf(path).chords;
}

/**
 * Length in pixels.
 * @param {Path} path
 * @returns {number}
 */
export function pathLength(path) {
  const { travelled } = walkableOf(path);
  return travelled[travelled.length - 1];
}

const readHandle = /** @type {Reader<Path["handles"][number]>} */ (numbers(4, -COORDINATE_LIMIT, COORDINATE_LIMIT));

const PATH_FIELDS = {
  kind: field(choice(PATH_KINDS), "linear"),
  points: requiredField(points(2)),
  handles: field(listOf(readHandle, 0, POINT_LIMIT, "handles"), Object.freeze([])),
  times: field(listOf(number(0, 1), 0, POINT_LIMIT, "times"), Object.freeze([])),
};

/** @type {Reader<Path>} */
export function readPath(value, place) {
  const path = readFields(value, place, PATH_FIELDS);
  const { kind, handles, times } = path;
  if (handles.length && kind !== "bezier") {
    throw new DocumentError(`${place} is ${kind} and has handles; only "bezier" has them.`);
  }
  for (const [name, count] of Object.entries({ handles: handles.length, times: times.length })) {
    if (!count || count === path.points.length) continue;
    throw new DocumentError(`${place.at(name)} has ${count} rows for ${path.points.length} points; one each is needed.`);
  }
  checkRising(times, place.at("times"));
  if (times.length && (times[0] !== 0 || times[times.length - 1] !== 1)) {
    const found = `${rounded(times[0])} to ${rounded(times[times.length - 1])}`;
    throw new DocumentError(`${place.at("times")} runs from ${found}; 0 to 1 is needed.`);
  }
  return path;
}

/**
 * The object that `readPath` reads back.
 * @param {Path} path
 */
export function writePath(path) {
  return writeFields(path, PATH_FIELDS);
}

/** @param {Path} path */
function walkableOf(path) {
  const known = walkables.get(path);
  if (known) return known;
  const made = makeWalkable(path);
  walkables.set(path, made);
  return made;
}

/**
 * @param {Path} path
 * @returns {Walkable}
 */
function makeWalkable(path) {
  const chords = chordsOf(path);
  const travelled = distances(chords);
  const ways = new Float64Array(travelled.length);
  const [xs, ys] = [new Float64Array(travelled.length), new Float64Array(travelled.length)];
  let count = 0;
  for (let at = 0; at < travelled.length; at += 1) {
    if (at && !(travelled[at] - travelled[at - 1] > STANDING)) continue;
    ways[count] = travelled[at];
    xs[count] = chords[at * 2];
    ys[count] = chords[at * 2 + 1];
    count += 1;
  }
  const stride = path.kind === "linear" ? 1 : STEPS;
  const atPoints = Float64Array.from(path.times, (_, index) => travelled[index * stride]);
  return {
    chords,
    travelled,
    ways: ways.subarray(0, count),
    xs: xs.subarray(0, count),
    ys: ys.subarray(0, count),
    atPoints,
  };
}

/** @param {Path} path */
function chordsOf(path) {
  const { kind, points: corners } = path;
  if (kind === "linear" || corners.length < 2) return Float64Array.from(corners.flat());
  const chords = new Float64Array(((corners.length - 1) * STEPS + 1) * 2);
  chords.set(corners[0]);
  for (let segment = 0; segment + 1 < corners.length; segment += 1) {
    const into = chords.subarray((segment * STEPS + 1) * 2, ((segment + 1) * STEPS + 1) * 2);
    if (kind === "bezier") drawCubic(path, segment, into);
    else drawCentripetal(around(corners, segment), into);
  }
  return chords;
}

/**
 * The four points that shape a segment of a spline; ends doubled by reflection.
 * @param {readonly Pair[]} corners
 * @param {number} segment
 * @returns {readonly [Pair, Pair, Pair, Pair]}
 */
function around(corners, segment) {
  const [start, end] = [corners[segment], corners[segment + 1]];
  const before = corners[segment - 1] ?? [2 * start[0] - end[0], 2 * start[1] - end[1]];
  const after = corners[segment + 2] ?? [2 * end[0] - start[0], 2 * end[1] - start[1]];
  return [before, start, end, after];
}

/**
 * One segment between the middle two of four points by Barry and Goldman's pyramid, knots by the square root of the
 * distance: no loops, no cusps. Its start is left out. Plain numbers, because a long path has 100,000s of steps.
 * @param {readonly [Pair, Pair, Pair, Pair]} control
 * @param {Float64Array} into [STEPS, 2]
 */
function drawCentripetal(control, into) {
  const [a, b, c, d] = control;
  const gap = Math.sqrt(distance(b, c));
  const [first, , last] = [Math.sqrt(distance(a, b)), gap, Math.sqrt(distance(c, d))].map((g) => (g < TOUCHING ? gap : g));
  const [knot1, knot2, knot3] = [first, first + gap, first + gap + last];
  const steps = gap < TOUCHING ? 0 : STEPS - 1;
  for (let axis = 0; axis < 2; axis += 1) {
    const [p0, p1, p2, p3] = [a[axis], b[axis], c[axis], d[axis]];
    for (let step = 1; step <= steps; step += 1) {
      const t = knot1 + (knot2 - knot1) * (step / STEPS);
      const [start, middle, end] = [t / knot1, (t - knot1) / (knot2 - knot1), (t - knot2) / (knot3 - knot2)];
      const [q0, q1, q2] = [mix(p0, p1, start), mix(p1, p2, middle), mix(p2, p3, end)];
      const [r0, r1] = [mix(q0, q1, t / knot2), mix(q1, q2, (t - knot1) / (knot3 - knot1))];
      into[step * 2 - 2 + axis] = mix(r0, r1, middle);
    }
    for (let step = steps + 1; step <= STEPS; step += 1) into[step * 2 - 2 + axis] = p2;
  }
}

/**
 * @param {number} a
 * @param {number} b
 * @param {number} fraction
 */
function mix(a, b, fraction) {
  return a + (b - a) * fraction;
}

/**
 * @param {Path} path
 * @param {number} segment
 * @param {Float64Array} into [STEPS, 2], the segment's start left out
 */
function drawCubic({ points: corners, handles }, segment, into) {
  const [start, end] = [corners[segment], corners[segment + 1]];
  for (const axis of [0, 1]) {
    const leaving = start[axis] + (handles.length ? handles[segment][axis + 2] : 0);
    const arriving = end[axis] + (handles.length ? handles[segment + 1][axis] : 0);
    for (let step = 1; step <= STEPS; step += 1) {
      const s = step / STEPS;
      const rest = 1 - s;
      const outer = rest * rest * rest * start[axis] + s * s * s * end[axis];
      into[step * 2 - 2 + axis] = outer + 3 * rest * s * (rest * leaving + s * arriving);
    }
  }
}

/**
 * The way travelled to each corner. [K]
 * @param {Float64Array} chords
 */
function distances(chords) {
  const travelled = new Float64Array(chords.length / 2);
  for (let at = 1; at < travelled.length; at += 1) {
    const [x, y] = [chords[at * 2] - chords[at * 2 - 2], chords[at * 2 + 1] - chords[at * 2 - 1]];
    travelled[at] = travelled[at - 1] + Math.sqrt(x * x + y * y);
  }
  return travelled;
}

/**
 * @param {Pair} a
 * @param {Pair} b
 */
function distance(a, b) {
  return Math.sqrt((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2);
}

/**
 * Linear interpolation over rising knots; the first and last piece go on beyond the ends.
 * @param {number} x
 * @param {ArrayLike<number>} knots
 * @param {ArrayLike<number>} values
 */
function piecewise(x, knots, values) {
  let low = 0;
  let high = knots.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (knots[middle] <= x) low = middle;
    else high = middle;
  }
  return values[low] + (values[low + 1] - values[low]) * ((x - knots[low]) / (knots[low + 1] - knots[low]));
}
