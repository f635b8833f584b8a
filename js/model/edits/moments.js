/** Edits of where a layer is at a moment after the first: its path point, rotation key or scale key of that moment. */

import { affineAt, anchorOf, applyAffine, cameraAt } from "../motion.js";
import { COORDINATE_LIMIT, POINT_LIMIT } from "../readers.js";
import { tidy } from "../tidy.js";
import { addKey, KEY_GAP, keyPhases } from "../timeline_keys.js";
import { phaseAt } from "../timing.js";
import { changeKey, holdKey } from "./keys.js";
import { isPathInLimits } from "./path_kinds.js";

/** @import { Layer, Pair, Path, Timing, TrackDocument } from "../../types.js" */
/** @typedef {{ readonly progress: number, readonly length: number }} Moment clip progress, and frames in the clip */
/**
 * Phases of a motion: in the start picture, at the moment (0 ... 1), and how near to it counts as the same frame.
 * @typedef {{ readonly start: number, readonly now: number, readonly near: number }} Phases
 */

/**
 * Whether the moment is the first frame, where the region is what a drag changes.
 *
 * @param {Moment} moment
 */
export function isStart({ progress, length }) {
  return Math.round(progress * (length - 1)) <= 0;
}

/**
 * @param {Timing} timing
 * @param {Moment} moment
 * @returns {Phases}
 */
export function phasesAt(timing, { progress, length }) {
  const turns = timing.cycles * (timing.repeat === "ping-pong" ? 2 : 1);
  const near = Math.min(0.25, ((0.5 / Math.max(length - 1, 1)) * turns) / (timing.end - timing.start));
  return { start: phaseAt(timing, 0), now: clamp(phaseAt(timing, progress)), near };
}

/**
 * Whether the motion is where it is in the start picture, so that nothing set now could be seen: before its start, or back
 * again.
 *
 * @param {Layer} layer
 * @param {Moment} moment
 */
export function isStill(layer, moment) {
  const { start, now } = phasesAt(layer.motion.timing, moment);
  return Math.abs(now - clamp(start)) < KEY_GAP;
}

/**
 * The layer moved by pixels as seen at the moment; at all other keys it passes where it did. Unchanged where it `isStill` or its
 * path is full.
 *
 * @param {TrackDocument} document
 * @param {number} index
 * @param {Pair} by pixels of the picture as shown at the moment
 * @param {Moment} moment
 * @returns {Layer}
 */
export function moveAt(document, index, by, moment) {
  const layer = document.layers[index];
  if (isStill(layer, moment) || (by[0] === 0 && by[1] === 0)) return layer;
  const own = ownShift(document, index, by, moment.progress);
  const phases = phasesAt(layer.motion.timing, moment);
  const { path } = layer.motion;
  const moved = path ? movedPath(layer, path, own, phases) : firstPath(own, phases);
  return moved === path ? layer : { ...layer, motion: { ...layer.motion, path: moved } };
}

/**
 * The layer turned by degrees at the moment, about its anchor.
 *
 * @param {Layer} layer
 * @param {number} degrees
 * @param {Moment} moment
 * @returns {Layer}
 */
export function turnAt(layer, degrees, moment) {
  if (isStill(layer, moment) || degrees === 0) return layer;
  return changeKey(layer, "rotation", degrees, phasesAt(layer.motion.timing, moment));
}

/**
 * The layer grown by a factor at the moment, about its anchor.
 *
 * @param {Layer} layer
 * @param {number} factor
 * @param {Moment} moment
 * @returns {Layer}
 */
export function growAt(layer, factor, moment) {
  if (isStill(layer, moment) || factor === 1) return layer;
  return changeKey(layer, "scale", factor, phasesAt(layer.motion.timing, moment));
}

/**
 * The layer with keys at the moment that say what it does there anyway: rotation, scale, and a path point if it has a path.
 *
 * @param {Layer} layer
 * @param {Moment} moment
 * @returns {Layer}
 */
export function holdAt(layer, moment) {
  const { start, now } = phasesAt(layer.motion.timing, moment);
  const held = layer.motion.path ? heldPath(layer, layer.motion.path, now) : null;
  const rotation = holdKey(holdKey(layer.motion.rotation, "rotation", start), "rotation", now);
  const scale = holdKey(holdKey(layer.motion.scale, "scale", start), "scale", now);
  return { ...layer, motion: { ...layer.motion, path: held, rotation, scale } };
}

/**
 * Where the layer's anchor is shown at a moment.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {number} progress
 * @returns {Pair}
 */
export function anchorPlace(document, layer, progress) {
  const [x, y] = anchorOf(document, layer);
  return applyAffine(affineAt(document, layer, progress), x, y);
}

/**
 * A shift as shown at a moment, brought back through the camera to the layer's own motion; of a camera through those above it.
 *
 * @param {TrackDocument} document
 * @param {number} index
 * @param {Pair} by
 * @param {number} progress
 * @returns {Pair}
 */
export function ownShift(document, index, by, progress) {
  const isCamera = document.layers[index].region.kind === "frame";
  const above = isCamera ? { ...document, layers: document.layers.slice(index + 1) } : document;
  const [a, b, , c, d] = cameraAt(above, progress);
  const determinant = a * d - b * c;
  /** @type {Pair} */
  const own = [(d * by[0] - b * by[1]) / determinant, (a * by[1] - c * by[0]) / determinant];
  return own.every(Number.isFinite) ? own : [0, 0];
}

/** One for each path, so that a drag through many moves flattens it once. @type {WeakMap<Path, Path>} */
const TIMED = new WeakMap();

/**
 * The layer's path with a time for each point, those at which it passes them anyway.
 *
 * @param {Layer} layer
 * @param {Path} path
 * @returns {Path}
 */
function timedPath(layer, path) {
  if (path.times.length) return path;
  const timed = TIMED.get(path) ?? { ...path, times: risingPhases(layer) };
  TIMED.set(path, timed);
  return timed;
}

/**
 * The phases of a path's points, strictly rising from 0 to 1 as a document wants them.
 *
 * @param {Layer} layer
 * @returns {number[]}
 */
function risingPhases(layer) {
  const times = [...keyPhases(layer, "path")];
  const last = times.length - 1;
  const gap = Math.min(1e-4, 0.5 / last);
  times[0] = 0;
  for (let index = 1; index <= last; index += 1) times[index] = Math.max(times[index], times[index - 1] + gap);
  times[last] = 1;
  for (let index = last - 1; index > 0; index -= 1) times[index] = Math.min(times[index], times[index + 1] - gap);
  return times;
}

/**
 * A path that is at rest until the start picture's phase, then `by` pixels farther at the moment's, and rests there.
 *
 * @param {Pair} by
 * @param {Phases} phases
 * @returns {Path}
 */
function firstPath(by, { start, now, near }) {
  const at = clamp(start);
  const there = now > 1 - near ? 1 : now < near ? 0 : now;
  const times = [...new Set([0, Math.min(at, there), Math.max(at, there), 1])];
  const isThere = (/** @type {number} */ time) => (there > at ? time >= there : time <= there);
  const points = times.map((time) => held(isThere(time) ? by : [0, 0]));
  return { kind: "linear", points, handles: [], times: times.length > 2 ? times : [] };
}

/**
 * @param {Layer} layer
 * @param {Path} path
 * @param {Pair} by
 * @param {Phases} phases
 * @returns {Path}
 */
function movedPath(layer, path, by, { start, now, near }) {
  const index = nearestPoint(keyPhases(layer, "path"), now, near, clamp(start));
  const isEnd = index === 0 || index === path.points.length - 1;
  if (index >= 0 && isEnd && !path.times.length) return shifted(path, [index], by);
  const timed = timedPath(layer, path);
  if (index >= 0) return shifted(timed, resting(timed, index, now > start), by);
  const inserted = insertedAt(layer, timed, now);
  return inserted ? shifted(inserted.path, [inserted.index], by) : path;
}

/**
 * The point within reach of a phase, never the one of the start picture; -1 = none.
 *
 * @param {readonly number[]} phases
 * @param {number} now
 * @param {number} near
 * @param {number} start
 */
function nearestPoint(phases, now, near, start) {
  let nearest = -1;
  phases.forEach((phase, index) => {
    const away = Math.abs(phase - now);
    if (away > near || Math.abs(phase - start) < KEY_GAP) return;
    if (nearest < 0 || away < Math.abs(phases[nearest] - now)) nearest = index;
  });
  return nearest;
}

/**
 * A point and those after it (in the course of the clip) at which the layer still rests there: they move together.
 *
 * @param {Path} path
 * @param {number} index
 * @param {boolean} forward
 */
function resting(path, index, forward) {
  const step = forward ? 1 : -1;
  const together = [index];
  const [x, y] = path.points[index];
  for (let next = index + step; path.points[next]; next += step) {
    if (path.points[next][0] !== x || path.points[next][1] !== y) break;
    together.push(next);
  }
  return together;
}

/**
 * @param {Path} path
 * @param {readonly number[]} indices
 * @param {Pair} by
 * @returns {Path}
 */
function shifted(path, indices, by) {
  const move = (/** @type {Pair} */ [x, y]) => held([x + by[0], y + by[1]]);
  return { ...path, points: path.points.map((point, index) => (indices.includes(index) ? move(point) : point)) };
}

/**
 * @param {Layer} layer
 * @param {Path} path
 * @param {number} now
 * @returns {Path}
 */
function heldPath(layer, path, now) {
  if (keyPhases(layer, "path").some((phase) => Math.abs(phase - now) < KEY_GAP)) return path;
  return insertedAt(layer, timedPath(layer, path), now)?.path ?? path;
}

/**
 * A path with explicit times and one point more, on the way at a phase; null where there is no room for one.
 *
 * @param {Layer} layer
 * @param {Path} path with times
 * @param {number} phase
 */
function insertedAt(layer, path, phase) {
  if (path.points.length >= POINT_LIMIT) return null;
  const timed = { ...layer, motion: { ...layer.motion, path } };
  const added = addKey(timed, "path", phase);
  const longer = added.layer.motion.path;
  return added.index < 0 || !longer || !isPathInLimits(longer) ? null : { path: longer, index: added.index };
}

/**
 * @param {Pair} point
 * @returns {Pair}
 */
function held([x, y]) {
  const limit = COORDINATE_LIMIT;
  return [tidy(Math.max(-limit, Math.min(limit, x))), tidy(Math.max(-limit, Math.min(limit, y)))];
}

/** @param {number} value */
function clamp(value) {
  return Math.max(0, Math.min(1, value));
}
