/** When a motion happens: clip progress 0…1 → phase 0…1 of the motion, by start, end, repeats and easing. */

/** @import { Bezier, Easing, Key, Repeat, Timing } from "../types.js" */
/** @import { Place, Reader } from "./schema.js" */

import { DocumentError } from "./errors.js";
import { choice, number, numberAbove, numbers, readFlag } from "./readers.js";
import { field, needs, readFields, writeFields } from "./schema.js";
import { frozen } from "./values.js";
import { rounded } from "./wording.js";

/**
 * cubic-bezier(x1, y1, x2, y2) as in CSS; `accelerate` and `decelerate` are exactly t² and 1 - (1 - t)².
 * @type {Readonly<Record<string, Bezier>>}
 */
export const EASINGS = frozen({
  linear: [0, 0, 1, 1],
  ease: [0.25, 0.1, 0.25, 1],
  "ease-in": [0.42, 0, 1, 1],
  "ease-out": [0, 0, 0.58, 1],
  "ease-in-out": [0.42, 0, 0.58, 1],
  "ease-in-cubic": [0.32, 0, 0.67, 0],
  "ease-out-cubic": [0.33, 1, 0.68, 1],
  "ease-in-out-cubic": [0.65, 0, 0.35, 1],
  accelerate: [1 / 3, 0, 2 / 3, 1 / 3],
  decelerate: [1 / 3, 2 / 3, 2 / 3, 1],
  anticipate: [0.36, 0, 0.66, -0.56],
  overshoot: [0.34, 1.56, 0.64, 1],
});

/** The one easing that is no curve: stays at the start and jumps at the end. */
export const STEP = "step";

/** @type {readonly Repeat[]} */
export const REPEATS = frozen(["hold", "loop", "ping-pong"]);

const BISECTIONS = 54;

/**
 * How far the motion is at a clip progress: 0 = its start, 1 = its end; easings may overshoot both.
 * @param {Timing} timing
 * @param {number} progress
 * @returns {number}
 */
export function phaseAt(timing, progress) {
  const inside = clamp((progress - timing.start) / (timing.end - timing.start));
  const played = timing.reverse ? 1 - inside : inside;
  return ease(timing.easing, inPass(timing.repeat, played * timing.cycles));
}

/**
 * An easing's value at a fraction 0…1 of a pass, by bisection of the cubic's x(s).
 * @param {Easing} easing
 * @param {number} fraction
 * @returns {number}
 */
export function ease(easing, fraction) {
  if (easing === STEP) return fraction >= 1 ? 1 : 0;
  const curve = typeof easing === "string" ? EASINGS[easing] : easing;
  const [x1, y1, x2, y2] = curve;
  if (x1 === y1 && x2 === y2) return fraction;
  if (fraction <= 0) return 0;
  if (fraction >= 1) return 1;
  let low = 0;
  let high = 1;
  for (let round = 0; round < BISECTIONS; round += 1) {
    const middle = (low + high) / 2;
    if (cubic(x1, x2, middle) < fraction) low = middle;
    else high = middle;
  }
  return cubic(y1, y2, (low + high) / 2);
}

/**
 * The keys' value at a phase: eased between two keys, held before the first and after the last. One key or more.
 *
 * Where the easing of the whole motion overshoots the clip's own 0…1, the first or last pair of keys is carried on.
 * @param {readonly Key[]} keys
 * @param {number} phase
 * @returns {number}
 */
export function valueAt(keys, phase) {
  const last = keys.length - 1;
  if (last === 0) return keys[0].value;
  const value = between(keys, phase);
  if (phase < 0) return value + overshoot(keys[0], keys[1], phase, 0);
  return phase > 1 ? value + overshoot(keys[last - 1], keys[last], phase, 1) : value;
}

/**
 * The name of a row of EASINGS, `step`, or [x1, y1, x2, y2] with x in 0…1 and y in -2…3.
 * @type {Reader<Easing>}
 */
export function readEasing(value, place) {
  if (typeof value === "string") return choice([...Object.keys(EASINGS), STEP])(value, place);
  const found = /** @type {Bezier} */ (numbers(4, -2, 3)(value, place));
  const [x1, , x2] = found;
  if (!(0 <= x1 && x1 <= 1 && 0 <= x2 && x2 <= 1)) {
    const given = `x1 = ${rounded(x1)} and x2 = ${rounded(x2)}`;
    throw new DocumentError(`${place} has ${given}; a cubic-bezier needs both from 0 to 1.`);
  }
  return found;
}

const TIMING_FIELDS = {
  start: field(number(0, 1), 0),
  end: field(number(0, 1), 1),
  easing: field(readEasing, "linear"),
  repeat: field(choice(REPEATS), "hold"),
  cycles: field(numberAbove(0, 1000), 1),
  reverse: field(readFlag, false),
};

/** @type {Reader<Timing>} */
export function readTiming(value, place) {
  const timing = readFields(value, place, TIMING_FIELDS);
  if (!(timing.start < timing.end)) {
    const moves = `${place.owner} moves from ${rounded(timing.start)} to ${rounded(timing.end)}`;
    throw new DocumentError(`${moves}; a layer needs 0 <= start < end <= 1.`);
  }
  if (timing.repeat === "hold" && timing.cycles !== 1) {
    throw needs(place.at("cycles"), timing.cycles, '1 where repeat is "hold" (or "loop" or "ping-pong" as repeat)');
  }
  return timing;
}

/**
 * The object that `readTiming` reads back.
 * @param {Timing} timing
 */
export function writeTiming(timing) {
  return writeFields(timing, TIMING_FIELDS);
}

/**
 * A reader of [time, value] or [time, value, easing] with the value from `low` to `high`.
 * @param {number} low
 * @param {number} high
 * @returns {Reader<Key>}
 */
export function keyReader(low, high) {
  const [readTime, readValue] = [number(0, 1), number(low, high)];
  return (value, place) => {
    if (!Array.isArray(value) || (value.length !== 2 && value.length !== 3)) {
      throw needs(place, value, "[time, value] or [time, value, easing]");
    }
    const [time, amount] = [readTime(value[0], place.item(0)), readValue(value[1], place.item(1))];
    return Object.freeze({ time, value: amount, easing: value.length === 3 ? readEasing(value[2], place.item(2)) : "linear" });
  };
}

/**
 * The list that `keyReader` reads back.
 * @param {readonly Key[]} keys
 */
export function writeKeys(keys) {
  return keys.map((key) => (key.easing === "linear" ? [key.time, key.value] : [key.time, key.value, key.easing]));
}

/**
 * Refuses times that do not rise strictly.
 * @param {readonly number[]} times
 * @param {Place} place
 */
export function checkRising(times, place) {
  for (let index = 1; index < times.length; index += 1) {
    const [before, after] = [times[index - 1], times[index]];
    if (before < after) continue;
    const found = `${place.item(index)} is at ${rounded(after)}, not after ${rounded(before)} before it`;
    throw new DocumentError(`${found}; times must rise.`);
  }
}

/**
 * Where in a pass so many turns are. A whole number of turns of a loop counts as the end of a pass, so that a loop ends at
 * the end of its path.
 * @param {Repeat} repeat
 * @param {number} turns
 */
function inPass(repeat, turns) {
  if (repeat === "loop") return turns > 0 ? turns - Math.ceil(turns) + 1 : 0;
  if (repeat === "ping-pong") return 1 - Math.abs(1 - 2 * (turns - Math.floor(turns)));
  return turns;
}

/**
 * The Bezier curve 0, `first`, `second`, 1; the order of operations is part of the contract with Python.
 * @param {number} first
 * @param {number} second
 * @param {number} s
 */
function cubic(first, second, s) {
  return ((3 * first - 3 * second + 1) * s + (3 * second - 6 * first)) * s * s + 3 * first * s;
}

/**
 * @param {readonly Key[]} keys
 * @param {number} phase
 */
function between(keys, phase) {
  if (!(phase >= keys[0].time)) return keys[0].value;
  let index = keys.length - 2;
  while (phase < keys[index].time) index -= 1;
  const [here, following] = [keys[index], keys[index + 1]];
  const eased = ease(here.easing, clamp((phase - here.time) / (following.time - here.time)));
  return here.value + (following.value - here.value) * eased;
}

/**
 * What a phase beyond `end` adds, if a key stands exactly there.
 * @param {Key} before
 * @param {Key} after
 * @param {number} phase
 * @param {number} end
 */
function overshoot(before, after, phase, end) {
  if ((end ? after : before).time !== end) return 0;
  return (phase - end) * ((after.value - before.value) / (after.time - before.time));
}

/** @param {number} value */
function clamp(value) {
  return Math.min(Math.max(value, 0), 1);
}
