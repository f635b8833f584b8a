/** Clip progresses at which something of a motion is set by hand. */

import { keyPhases } from "../../model/timeline_keys.js";
import { phaseAt } from "../../model/timing.js";

/** @import { KeyTrack, Layer, Motion } from "../../types.js" */

const STEPS = 128;
const MOST = 12;
/** @type {readonly KeyTrack[]} */
const TRACKS = ["path", "rotation", "scale"];

/** @type {WeakMap<Motion, readonly number[]>} */
const known = new WeakMap();

/**
 * When the keys of a layer's motion are first reached, rising; of many only some, evenly chosen.
 *
 * @param {Layer} layer
 * @returns {readonly number[]}
 */
export function keyMoments(layer) {
  const before = known.get(layer.motion);
  if (before) return before;
  const phases = new Set(TRACKS.flatMap((track) => [...keyPhases(layer, track)]));
  const moments = [...phases].map((phase) => firstReached(layer.motion, phase)).filter((moment) => moment !== null);
  const rising = [...new Set(moments)].sort((a, b) => a - b);
  const every = Math.ceil(rising.length / MOST);
  const chosen = rising.filter((_, index) => index % every === 0 || index === rising.length - 1);
  known.set(layer.motion, chosen);
  return chosen;
}

/**
 * @param {Motion} motion
 * @param {number} phase
 * @returns {number | null}
 */
function firstReached({ timing }, phase) {
  let before = phaseAt(timing, 0) - phase;
  if (before === 0) return timing.start;
  for (let step = 1; step <= STEPS; step++) {
    const here = phaseAt(timing, step / STEPS) - phase;
    if (here === 0) return step / STEPS;
    if (here < 0 !== before < 0) return (step - 1 + before / (before - here)) / STEPS;
    before = here;
  }
  return null;
}
