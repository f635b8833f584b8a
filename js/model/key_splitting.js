/** One key more among the keys of a rotation or a scale, which changes nothing of the motion by itself. */

import { ROTATION_LIMITS, SCALE_LIMITS } from "./document.js";
import { EASINGS, STEP, valueAt } from "./timing.js";

/** @import { Bezier, Easing, Key } from "../types.js" */

/** How the values of a track behave: without a key, where they end, and between keys (`within` makes of it what is eased). */
export const VALUE_TRACKS = Object.freeze({
  rotation: { neutral: 0, limits: ROTATION_LIMITS, within: (/** @type {number} */ value) => value, out: identity },
  // Between scale keys equal factors pass in equal times.
  scale: { neutral: 1, limits: SCALE_LIMITS, within: Math.log, out: Math.exp },
});

/** Halvings of a curve's parameter. */
const ROUNDS = 54;
/** What a cubic-bezier of a document may say: x from 0 to 1, y from -2 to 3. */
const Y_LIMITS = [-2, 3];

/**
 * The keys with one at `time`, where none is. It has the value that was there, exactly. The easing that it falls into is
 * split in two curves of the same shape; where no cubic-bezier can hold a half, the nearest that there is. Where the easing
 * of the whole motion overshoots, the keys' course beyond 0 and 1 follows their new first or last pair.
 *
 * @param {readonly Key[]} keys
 * @param {"rotation" | "scale"} track
 * @param {number} time
 * @returns {Key[]}
 */
export function withKeyAt(keys, track, time) {
  const { neutral, limits, within, out } = VALUE_TRACKS[track];
  const index = keys.findLastIndex((key) => key.time < time);
  const [here, following] = [keys[index], keys[index + 1]];
  const value = keys.length
    ? out(
        valueAt(
          keys.map((key) => ({ ...key, value: within(key.value) })),
          time,
        ),
      )
    : neutral;
  /** @type {Key} */
  const added = { time, value: Math.max(limits[0], Math.min(limits[1], value)), easing: here?.easing ?? "linear" };
  if (!here || !following) return [...keys.slice(0, index + 1), added, ...keys.slice(index + 1)];
  const [before, after] = halves(here.easing, (time - here.time) / (following.time - here.time));
  return [...keys.slice(0, index), { ...here, easing: before }, { ...added, easing: after }, ...keys.slice(index + 1)];
}

/**
 * An easing up to a fraction of its time, and from there on.
 *
 * @param {Easing} easing
 * @param {number} fraction
 * @returns {[Easing, Easing]}
 */
function halves(easing, fraction) {
  if (easing === STEP) return [STEP, STEP];
  const [x1, y1, x2, y2] = typeof easing === "string" ? EASINGS[easing] : easing;
  if (x1 === y1 && x2 === y2) return ["linear", "linear"];
  const at = parameterAt(x1, x2, fraction);
  const [xs, ys] = [split(x1, x2, at), split(y1, y2, at)];
  return [curve(xs.before, ys.before), curve(xs.after, ys.after)];
}

/**
 * @param {number} x1
 * @param {number} x2
 * @param {number} fraction
 */
function parameterAt(x1, x2, fraction) {
  let [low, high] = [0, 1];
  for (let round = 0; round < ROUNDS; round += 1) {
    const middle = (low + high) / 2;
    if (split(x1, x2, middle).place < fraction) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The cubic 0, `first`, `second`, 1 in two, by de Casteljau's construction; each half's inner points as shares of its own height.
 *
 * @param {number} first
 * @param {number} second
 * @param {number} at
 */
function split(first, second, at) {
  const mix = (/** @type {number} */ from, /** @type {number} */ to) => from + (to - from) * at;
  const [a, b, c] = [first * at, mix(first, second), mix(second, 1)];
  const [into, out] = [mix(a, b), mix(b, c)];
  const place = mix(into, out);
  const [under, over] = [place, 1 - place];
  return {
    place,
    before: [a / under, into / under],
    after: [(out - place) / over, (c - place) / over],
  };
}

/**
 * @param {readonly number[]} xs
 * @param {readonly number[]} ys
 * @returns {Easing}
 */
function curve(xs, ys) {
  if (![...xs, ...ys].every(Number.isFinite)) return "linear";
  const [x1, x2] = xs.map((x) => shortened(Math.max(0, Math.min(1, x))));
  const [y1, y2] = ys.map((y) => shortened(Math.max(Y_LIMITS[0], Math.min(Y_LIMITS[1], y))));
  /** @type {Bezier} */
  const row = [x1, y1, x2, y2];
  return x1 === y1 && x2 === y2 ? "linear" : row;
}

/** Without the digits that are noise. @param {number} share */
function shortened(share) {
  return Math.round(share * 1e9) / 1e9;
}

/** @param {number} value */
function identity(value) {
  return value;
}
