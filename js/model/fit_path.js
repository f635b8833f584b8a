/** Strokes of a hand as few points: outlines, centre lines, paths. */

import { fitCurves } from "./bezier_fit.js";
import { COORDINATE_LIMIT, POINT_LIMIT } from "./readers.js";
import { contains } from "./shapes.js";
import { simplify, simplifyOutline, simplifyTimed, withinLimit } from "./simplify.js";
import { tidy } from "./tidy.js";

/** @import { Pair, Path } from "../types.js" */
/** @import { Curve } from "./bezier_fit.js" */

export { simplify };

/** Points that a stroke is thinned out to before curves are fitted to it. */
const MOST_SAMPLES = 4000;
/** Pixels: an outline around less than this square is a slip of the hand. */
const LEAST_AREA = 4;
const AREA_SAMPLES = 48;

/**
 * A path along a stroke, its first point [0, 0]: straight where the stroke is, else Bezier curves at most `tolerance` off it.
 * Null for a stroke that goes nowhere.
 *
 * @param {readonly Pair[]} stroke
 * @param {number} [tolerance] pixels
 * @returns {Path | null}
 */
export function fitPencil(stroke, tolerance = 2) {
  const points = thinned(stroke);
  if (points.length < 2) return null;
  if (simplify(points, tolerance / 2).length === 2) {
    return { kind: "linear", points: relative([points[0], points[points.length - 1]]), handles: [], times: [] };
  }
  const curves = withinLimit((error) => fitCurves(points, error), tolerance, POINT_LIMIT - 1);
  const ends = [curves[0][0], ...curves.map((curve) => curve[3])];
  return { kind: "bezier", points: relative(ends), handles: handlesOfCurves(curves), times: [] };
}

/**
 * A path along a stroke that was drawn while the clip played: where it was at which phase, then rest. Null for too short a one.
 *
 * @param {readonly Pair[]} stroke
 * @param {readonly number[]} phases of its points, 0 ... 1
 * @param {number} [tolerance] pixels; 0 = every point is kept
 * @returns {Path | null}
 */
export function fitRecording(stroke, phases, tolerance = 1.5) {
  const places = stroke.map(bounded);
  const times = phases.map((phase) => Math.max(0, Math.min(1, phase)));
  const rising = risingIndices(times);
  const [points, moments] = [rising.map((index) => places[index]), rising.map((index) => times[index])];
  if (points.length < 2) return null;
  moments[0] = 0;
  if (moments[moments.length - 1] > 1 - 1e-3) moments[moments.length - 1] = 1;
  const fit = (/** @type {number} */ error) => (error > 0 ? simplifyTimed(points, moments, error) : [...points.keys()]);
  const kept = withinLimit(fit, tolerance, POINT_LIMIT - 1);
  const [line, at] = [kept.map((index) => points[index]), kept.map((index) => moments[index])];
  if (at[at.length - 1] < 1) {
    line.push(line[line.length - 1]);
    at.push(1);
  }
  return { kind: "linear", points: relative(line), handles: [], times: at };
}

/**
 * The outline that a lasso drew, closed, at most `tolerance` off; null where it goes around nothing.
 *
 * @param {readonly Pair[]} stroke
 * @param {number} [tolerance] pixels
 * @returns {readonly Pair[] | null}
 */
export function fitLasso(stroke, tolerance = 1) {
  const points = withoutRepeats(stroke);
  const [first, last] = [points[0], points[points.length - 1]];
  if (points.length > 1 && first[0] === last[0] && first[1] === last[1]) points.pop();
  const outline = withinLimit((error) => simplifyOutline(points, error), tolerance, POINT_LIMIT);
  return outline.length >= 3 && isAround(outline) ? outline : null;
}

/**
 * The centre line of a brush stroke, at most `tolerance` off. One point or more
 *
 * @param {readonly Pair[]} stroke
 * @param {number} [tolerance] pixels
 * @returns {readonly Pair[]}
 */
export function fitBrush(stroke, tolerance = 1) {
  const points = withoutRepeats(stroke);
  return withinLimit((error) => simplify(points, error), tolerance, POINT_LIMIT);
}

/**
 * @param {readonly number[]} times
 * @returns {number[]} of the first and of each that is later than all before it
 */
function risingIndices(times) {
  let latest = Number.NEGATIVE_INFINITY;
  return [...times.keys()].filter((index) => {
    const later = times[index] > latest;
    if (later) latest = times[index];
    return later;
  });
}

/**
 * Whether an outline is around enough: by its area, or, since that cancels out where the outline crosses itself, by a grid.
 *
 * @param {readonly Pair[]} outline
 */
function isAround(outline) {
  let twice = 0;
  outline.forEach(([x, y], index) => {
    const [nextX, nextY] = outline[(index + 1) % outline.length];
    twice += x * nextY - nextX * y;
  });
  return Math.abs(twice) >= 2 * LEAST_AREA || gridArea(outline) >= LEAST_AREA;
}

/** @param {readonly Pair[]} outline */
function gridArea(outline) {
  const [xs, ys] = [outline.map((point) => point[0]), outline.map((point) => point[1])];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [across, down] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const region = { kind: /** @type {const} */ ("polygon"), points: outline };
  let inside = 0;
  for (let row = 0.5; row < AREA_SAMPLES; row += 1) {
    for (let column = 0.5; column < AREA_SAMPLES; column += 1) {
      const [x, y] = [left + (across * column) / AREA_SAMPLES, top + (down * row) / AREA_SAMPLES];
      inside += contains(region, x, y) ? 1 : 0;
    }
  }
  return (inside / AREA_SAMPLES ** 2) * across * down;
}

/**
 * @param {readonly Curve[]} curves
 * @returns {Path["handles"]}
 */
function handlesOfCurves(curves) {
  return [...curves, null].map((curve, index) => {
    const [into, out] = [curves[index - 1], curve];
    const [inX, inY] = into ? [into[2][0] - into[3][0], into[2][1] - into[3][1]] : [0, 0];
    const [outX, outY] = out ? [out[1][0] - out[0][0], out[1][1] - out[0][1]] : [0, 0];
    return /** @type {const} */ ([...bounded([inX, inY]), ...bounded([outX, outY])]);
  });
}

/**
 * A stroke without points that are too near to the one before them to say anything.
 *
 * @param {readonly Pair[]} stroke
 */
function thinned(stroke) {
  const points = withoutRepeats(stroke);
  const lengths = points.slice(1).map(([x, y], index) => Math.hypot(x - points[index][0], y - points[index][1]));
  const spacing = Math.max(0.5, lengths.reduce((sum, length) => sum + length, 0) / MOST_SAMPLES);
  /** @type {Pair[]} */
  const kept = points.slice(0, 1);
  for (const point of points) {
    const [x, y] = kept[kept.length - 1];
    if (Math.hypot(point[0] - x, point[1] - y) >= spacing) kept.push(point);
  }
  return kept;
}

/** @param {readonly Pair[]} stroke */
function withoutRepeats(stroke) {
  const points = stroke.map(bounded);
  return points.filter(([x, y], index) => index === 0 || x !== points[index - 1][0] || y !== points[index - 1][1]);
}

/**
 * @param {Pair} point
 * @returns {Pair}
 */
function bounded([x, y]) {
  const limit = COORDINATE_LIMIT;
  return [tidy(Math.max(-limit, Math.min(limit, x))), tidy(Math.max(-limit, Math.min(limit, y)))];
}

/** @param {readonly Pair[]} places */
function relative(places) {
  const [x, y] = places[0];
  return places.map((place) => bounded([place[0] - x, place[1] - y]));
}
