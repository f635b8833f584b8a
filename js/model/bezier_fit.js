/**
 * Bezier curves for a stroke, as in Philip J. Schneider, "An Algorithm for Automatically Fitting Digitized Curves", Graphics
 * Gems, 1990: least squares between two ends, cut in two where that is not near enough.
 */

/** @import { Pair } from "../types.js" */
/** One Bezier curve: from, leaving, arriving, to. @typedef {readonly [Pair, Pair, Pair, Pair]} Curve */
/**
 * Part of a stroke: points `from` ... `to`, and the directions at its ends, inwards, of length 1.
 * @typedef {{ points: readonly Pair[], from: number, to: number, start: Pair, end: Pair }} Stretch
 */

/** Rounds in which the points' places on a curve are made better before it is cut. */
const ROUNDS = 4;

/** Handles are never so many times as long as their stretch of the stroke. */
const LONGEST = 3;

/**
 * Curves through a stroke, one going smoothly over into the next, at most `tolerance` off its points.
 *
 * @param {readonly Pair[]} points two or more, none like the one before it
 * @param {number} tolerance pixels
 * @returns {readonly Curve[]}
 */
export function fitCurves(points, tolerance) {
  const last = points.length - 1;
  /** @type {Stretch[]} */
  const open = [{ points, from: 0, to: last, start: endDirection(points, 0, 1), end: endDirection(points, last, -1) }];
  /** @type {Curve[]} */
  const curves = [];
  for (let stretch = open.pop(); stretch; stretch = open.pop()) {
    const { curve, worst, error } = fitStretch(stretch, tolerance);
    if (error <= tolerance) {
      curves.push(curve);
      continue;
    }
    const { from, to, start, end } = stretch;
    const [x, y] = middleDirection(points, worst);
    open.push({ points, from: worst, to, start: [-x, -y], end }, { points, from, to: worst, start, end: [x, y] });
  }
  return curves;
}

/**
 * @param {Stretch} stretch
 * @param {number} tolerance
 * @returns {{ curve: Curve, worst: number, error: number }}
 */
function fitStretch(stretch, tolerance) {
  const { points, from, to } = stretch;
  if (to - from === 1) return { curve: straight(stretch), worst: from, error: 0 };
  let parameters = byLength(stretch);
  let best = judged(stretch, curveThrough(stretch, parameters), parameters);
  for (let round = 0; round < ROUNDS && best.error > tolerance && best.error < 4 * tolerance; round += 1) {
    const { curve } = best;
    parameters = parameters.map((t, index) => refined(curve, points[from + index], t));
    const next = judged(stretch, curveThrough(stretch, parameters), parameters);
    if (next.error < best.error) best = next;
  }
  return best;
}

/**
 * The curve with given directions at its ends that lies nearest to the points at their parameters: least squares for the two
 * lengths of its handles.
 *
 * @param {Stretch} stretch
 * @param {readonly number[]} parameters
 * @returns {Curve}
 */
function curveThrough(stretch, parameters) {
  const { points, from, to, start, end } = stretch;
  const [first, last] = [points[from], points[to]];
  let [c00, c01, c11, x0, x1] = [0, 0, 0, 0, 0];
  parameters.forEach((t, index) => {
    const rest = 1 - t;
    const [b0, b1, b2, b3] = [rest ** 3, 3 * t * rest * rest, 3 * t * t * rest, t ** 3];
    const [ax, ay, bx, by] = [start[0] * b1, start[1] * b1, end[0] * b2, end[1] * b2];
    const dx = points[from + index][0] - first[0] * (b0 + b1) - last[0] * (b2 + b3);
    const dy = points[from + index][1] - first[1] * (b0 + b1) - last[1] * (b2 + b3);
    c00 += ax * ax + ay * ay;
    c01 += ax * bx + ay * by;
    c11 += bx * bx + by * by;
    x0 += ax * dx + ay * dy;
    x1 += bx * dx + by * dy;
  });
  const determinant = c00 * c11 - c01 * c01;
  const [leave, arrive] = [(x0 * c11 - x1 * c01) / determinant, (c00 * x1 - c01 * x0) / determinant];
  const least = 1e-6 * Math.hypot(last[0] - first[0], last[1] - first[1]);
  // Where both directions lie on one line the determinant is next to nothing, and the lengths are anything.
  const most = LONGEST * wayAlong(stretch);
  const isSound = leave > least && arrive > least && leave < most && arrive < most;
  return isSound ? withHandles(stretch, leave, arrive) : straight(stretch);
}

/** Pixels from point to point. @param {Stretch} stretch */
function wayAlong({ points, from, to }) {
  let way = 0;
  for (let at = from + 1; at <= to; at += 1) {
    way += Math.hypot(points[at][0] - points[at - 1][0], points[at][1] - points[at - 1][1]);
  }
  return way;
}

/**
 * Handles of a third of the way, where least squares say nothing useful.
 *
 * @param {Stretch} stretch
 * @returns {Curve}
 */
function straight(stretch) {
  const { points, from, to } = stretch;
  const third = Math.hypot(points[to][0] - points[from][0], points[to][1] - points[from][1]) / 3;
  return withHandles(stretch, third, third);
}

/**
 * @param {Stretch} stretch
 * @param {number} leave
 * @param {number} arrive
 * @returns {Curve}
 */
function withHandles({ points, from, to, start, end }, leave, arrive) {
  const [first, last] = [points[from], points[to]];
  return [
    first,
    [first[0] + start[0] * leave, first[1] + start[1] * leave],
    [last[0] + end[0] * arrive, last[1] + end[1] * arrive],
    last,
  ];
}

/**
 * How far the points are from a curve at their parameters, and which is worst; never an end.
 *
 * @param {Stretch} stretch
 * @param {Curve} curve
 * @param {readonly number[]} parameters
 */
function judged({ points, from }, curve, parameters) {
  let [worst, error] = [from + (parameters.length >> 1), 0];
  for (let index = 1; index < parameters.length - 1; index += 1) {
    const [x, y] = pointOn(curve, parameters[index]);
    const away = Math.hypot(x - points[from + index][0], y - points[from + index][1]);
    if (away > error) [worst, error] = [from + index, away];
  }
  return { curve, worst, error };
}

/**
 * @param {Stretch} stretch
 * @returns {number[]} shares of the way, 0 ... 1
 */
function byLength({ points, from, to }) {
  const travelled = [0];
  for (let at = from + 1; at <= to; at += 1) {
    const step = Math.hypot(points[at][0] - points[at - 1][0], points[at][1] - points[at - 1][1]);
    travelled.push(travelled[travelled.length - 1] + step);
  }
  const whole = travelled[travelled.length - 1];
  return travelled.map((way) => way / whole);
}

/**
 * A parameter nearer to a point, by one step of Newton's method.
 *
 * @param {Curve} curve
 * @param {Pair} point
 * @param {number} t
 */
function refined([a, b, c, d], point, t) {
  const [x, y] = pointOn([a, b, c, d], t);
  const rest = 1 - t;
  const speed = [0, 1].map((i) => 3 * (rest * rest * (b[i] - a[i]) + 2 * rest * t * (c[i] - b[i]) + t * t * (d[i] - c[i])));
  const turn = [0, 1].map((i) => 6 * (rest * (c[i] - 2 * b[i] + a[i]) + t * (d[i] - 2 * c[i] + b[i])));
  const [dx, dy] = [x - point[0], y - point[1]];
  const slope = speed[0] ** 2 + speed[1] ** 2 + dx * turn[0] + dy * turn[1];
  const next = t - (dx * speed[0] + dy * speed[1]) / slope;
  return next >= 0 && next <= 1 ? next : t;
}

/**
 * @param {Curve} curve
 * @param {number} t
 * @returns {Pair}
 */
function pointOn([a, b, c, d], t) {
  const rest = 1 - t;
  const [w0, w1, w2, w3] = [rest ** 3, 3 * rest * rest * t, 3 * rest * t * t, t ** 3];
  return [w0 * a[0] + w1 * b[0] + w2 * c[0] + w3 * d[0], w0 * a[1] + w1 * b[1] + w2 * c[1] + w3 * d[1]];
}

/**
 * The direction of a stroke at one of its ends, over a few points: single ones of a hand say little.
 *
 * @param {readonly Pair[]} points
 * @param {number} at
 * @param {1 | -1} inwards
 * @returns {Pair}
 */
function endDirection(points, at, inwards) {
  const far = Math.max(0, Math.min(points.length - 1, at + 3 * inwards));
  return unit(points[far][0] - points[at][0], points[far][1] - points[at][1]);
}

/**
 * The direction back along a stroke at one of its points.
 *
 * @param {readonly Pair[]} points
 * @param {number} at
 * @returns {Pair}
 */
function middleDirection(points, at) {
  const reach = Math.min(2, at, points.length - 1 - at);
  const [before, after] = [points[at - reach], points[at + reach]];
  const [x, y] = unit(before[0] - after[0], before[1] - after[1]);
  return x || y ? [x, y] : unit(points[at - 1][0] - points[at][0], points[at - 1][1] - points[at][1]);
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {Pair}
 */
function unit(x, y) {
  const length = Math.hypot(x, y);
  return length > 0 ? [x / length, y / length] : [0, 0];
}
