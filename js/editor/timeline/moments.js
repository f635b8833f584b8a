/** Time on the timeline: frames, clip progress, the phases of a motion; pure. */

import { EASINGS, ease, STEP } from "../../model/timing.js";

/** @import { Easing, Timing } from "../../types.js" */

/** Frames of a latent frame. */
export const LATENT = 4;

const SCAN = 64;
const BISECTIONS = 40;
const MOST_ECHOES = 64;
const ROUNDING = 1e-6;

/**
 * Clip progress of a frame.
 *
 * @param {number} frame
 * @param {number} length
 */
export function progressOfFrame(frame, length) {
  return length > 1 ? frame / (length - 1) : 0;
}

/**
 * The frame nearest to a clip progress.
 *
 * @param {number} progress
 * @param {number} length
 */
export function nearestFrame(progress, length) {
  return Math.round(hold(progress) * (length - 1));
}

/**
 * Clip progress of the nearest frame.
 *
 * @param {number} progress
 * @param {number} length
 */
export function snapped(progress, length) {
  return progressOfFrame(nearestFrame(progress, length), length);
}

/**
 * A moment that is a frame but for rounding, put onto the frame; others as they are.
 *
 * @param {number} progress
 * @param {number} length
 */
export function settled(progress, length) {
  const near = snapped(progress, length);
  return Math.abs(near - progress) < ROUNDING ? near : progress;
}

/**
 * The clip progress at which a motion first passes a phase in its first forward pass; may lie beyond the clip where less
 * than one cycle is played.
 *
 * @param {Timing} timing
 * @param {number} phase
 */
export function momentOf(timing, phase) {
  return momentOfTurns(timing, fractionOf(timing.easing, phase) * passLength(timing));
}

/**
 * The other moments of the clip at which the motion passes the phase: later cycles and ways back.
 *
 * @param {Timing} timing
 * @param {number} phase
 * @returns {number[]}
 */
export function echoesOf(timing, phase) {
  const long = passLength(timing);
  const first = fractionOf(timing.easing, phase) * long;
  const back = timing.repeat === "ping-pong" ? [1 - first] : [];
  const turns = [];
  for (let cycle = 0; cycle < timing.cycles && turns.length < MOST_ECHOES; cycle += 1) {
    turns.push(...[first, ...back].map((turn) => cycle + turn));
  }
  const others = turns.slice(1).filter((turn) => turn <= timing.cycles && Math.abs(turn - first) > ROUNDING);
  return others.slice(0, MOST_ECHOES).map((turn) => momentOfTurns(timing, turn));
}

/**
 * The phase of the first forward pass at a clip progress, 0 ... 1: what `momentOf` takes back.
 *
 * @param {Timing} timing
 * @param {number} progress
 */
export function phaseInPass(timing, progress) {
  const inside = hold((progress - timing.start) / (timing.end - timing.start));
  const turns = (timing.reverse ? 1 - inside : inside) * timing.cycles;
  const fraction = hold(turns / passLength(timing));
  return timing.easing === STEP ? fraction : hold(ease(timing.easing, fraction));
}

/**
 * The first fraction of a pass at which its easing reaches a value. A step never rests between 0 and 1: there the value
 * itself, so that keys can be seen and moved.
 *
 * @param {Easing} easing
 * @param {number} value
 */
export function fractionOf(easing, value) {
  if (value <= 0) return 0;
  if (value >= 1) return 1;
  if (easing === STEP || easing === "linear") return value;
  const curve = typeof easing === "string" ? EASINGS[easing] : easing;
  let step = 1;
  while (step < SCAN && ease(curve, step / SCAN) < value) step += 1;
  let [low, high] = [(step - 1) / SCAN, step / SCAN];
  for (let round = 0; round < BISECTIONS; round += 1) {
    const middle = (low + high) / 2;
    if (ease(curve, middle) < value) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * What stands on the ruler of so many pixels: a tick a latent frame where there is room, numbers of frames, whole seconds.
 *
 * @param {number} length
 * @param {number} fps
 * @param {number} width
 * @returns {{ latent: number[], frames: number[], seconds: { frame: number, text: string }[] }} all in frames
 */
export function rulerTicks(length, fps, width) {
  const last = Math.max(1, length - 1);
  const perFrame = width / last;
  const latent = LATENT * perFrame >= 3 ? every(LATENT, last) : [];
  const frames = every(step([1, 2, LATENT, 8, 16, 20, 40, 80, 160, 320, 640, 1280], 34 / perFrame), last);
  const apart = step([0.25, 0.5, 1, 2, 5, 10, 20, 60, 120], 60 / (perFrame * fps));
  const seconds = every(apart, last / fps).map((second) => ({ frame: second * fps, text: `${second}` }));
  return { latent, frames, seconds };
}

/**
 * @param {Timing} timing
 * @param {number} turns
 */
function momentOfTurns(timing, turns) {
  const played = turns / timing.cycles;
  return timing.start + (timing.reverse ? 1 - played : played) * (timing.end - timing.start);
}

/**
 * Turns of one forward pass.
 *
 * @param {Timing} timing
 */
function passLength(timing) {
  return timing.repeat === "ping-pong" ? 0.5 : 1;
}

/**
 * @param {number} apart
 * @param {number} last
 */
function every(apart, last) {
  return Array.from({ length: Math.floor(last / apart + ROUNDING) + 1 }, (_, index) => index * apart);
}

/**
 * The first of rising steps that is wide enough, else the widest.
 *
 * @param {readonly number[]} steps
 * @param {number} least
 */
function step(steps, least) {
  return steps.find((candidate) => candidate >= least) ?? steps[steps.length - 1];
}

/** @param {number} value */
function hold(value) {
  return Math.max(0, Math.min(1, value));
}
