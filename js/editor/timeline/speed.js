/** How fast a layer moves, frame by frame; pure. */

import { movePoints } from "../../model/motion.js";
import { bounds } from "../../model/shapes.js";
import { ease, STEP } from "../../model/timing.js";

/** @import { Easing, Layer, TrackDocument } from "../../types.js" */

const MOST_SAMPLES = 240;

/**
 * Pixels a frame of the fastest of a layer's corners and its middle, between equal moments of the clip. Its own motion: a
 * camera over it does not count.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {number} length
 * @returns {Float64Array} [intervals]; of a clip of one frame none
 */
export function speedsOf(document, layer, length) {
  const frames = Math.max(0, length - 1);
  const intervals = Math.min(MOST_SAMPLES, frames);
  const speeds = new Float64Array(intervals);
  if (intervals === 0 || layer.region.kind === "rest") return speeds;
  const alone = { ...layer, enabled: true };
  const scene = { ...document, layers: [alone] };
  const points = probes(document, layer);
  let before = movePoints(scene, alone, points, 0);
  for (let interval = 0; interval < intervals; interval += 1) {
    const after = movePoints(scene, alone, points, (interval + 1) / intervals);
    speeds[interval] = (farthest(before, after) * intervals) / frames;
    before = after;
  }
  return speeds;
}

/**
 * Speeds as the outline of an area in a box of 100 x 100, y down; the fastest reaches the top.
 *
 * @param {Float64Array} speeds
 * @param {number} top the speed at the upper edge
 * @returns {string} of an SVG path
 */
export function speedOutline(speeds, top) {
  if (speeds.length === 0 || !(top > 0)) return "M0 100H100";
  const corners = Array.from(speeds, (speed, interval) => {
    const x = ((interval + 0.5) / speeds.length) * 100;
    return `${rounded(x)} ${rounded(100 - (speed / top) * 100)}`;
  });
  const first = corners[0].split(" ")[1];
  const last = corners[corners.length - 1].split(" ")[1];
  return `M0 100V${first}L${corners.join("L")}H100V${last}V100Z`;
}

/**
 * A round number not below a speed, for the scale of a graph.
 *
 * @param {number} speed
 */
export function roundAbove(speed) {
  if (!(speed > 1e-9)) return 1;
  const power = 10 ** Math.floor(Math.log10(speed));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= speed * (1 - 1e-9)) ?? 10;
  return Number((factor * power).toPrecision(6));
}

/**
 * An easing as a line: fraction of time to fraction of the way, y up to be flipped by the caller.
 *
 * @param {Easing} easing
 * @param {(fraction: number, value: number) => readonly [number, number]} place
 * @param {number} [steps]
 * @returns {string} of an SVG path
 */
export function easingLine(easing, place, steps = 32) {
  const corners = Array.from({ length: steps + 1 }, (_, step) => place(step / steps, ease(easing, step / steps)));
  if (easing === STEP) corners.splice(-1, 0, place(1, 0));
  return `M${corners.map(([x, y]) => `${rounded(x)} ${rounded(y)}`).join("L")}`;
}

/**
 * Corners and middle of the region's box.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 */
function probes(document, layer) {
  const [left, top, right, bottom] = bounds(layer.region, document.width, document.height);
  return Float64Array.of(left, top, right, top, right, bottom, left, bottom, (left + right) / 2, (top + bottom) / 2);
}

/**
 * @param {Float64Array} before
 * @param {Float64Array} after
 */
function farthest(before, after) {
  let most = 0;
  for (let at = 0; at < before.length; at += 2) {
    most = Math.max(most, Math.hypot(after[at] - before[at], after[at + 1] - before[at + 1]));
  }
  return most;
}

/** @param {number} value */
function rounded(value) {
  return Number(value.toFixed(2));
}
