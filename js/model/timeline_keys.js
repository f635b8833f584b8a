/** Keys of a layer on their three tracks (path points, rotation, scale): where they lie in time, and edits of them. */

import { flatten, STEPS, walk } from "./curves.js";
import { MAX_KEYS, ROTATION_LIMITS, SCALE_LIMITS } from "./document.js";
import { isPathInLimits } from "./edits/path_kinds.js";
import { withKeyAt } from "./key_splitting.js";
import { POINT_LIMIT } from "./readers.js";
import { tidyPair } from "./tidy.js";

/** @import { Key, KeyTrack, Layer, Pair, Path } from "../types.js" */

/** Phases: keys of a track stay this far apart. */
export const KEY_GAP = 0.001;

/** Value and limits of the keys of a track that has values. */
export const KEY_VALUES = {
  rotation: { neutral: 0, low: ROTATION_LIMITS[0], high: ROTATION_LIMITS[1] },
  scale: { neutral: 1, low: SCALE_LIMITS[0], high: SCALE_LIMITS[1] },
};

/**
 * Phases of the keys of a track, in order. A path at constant speed has its points where it passes them.
 *
 * @param {Layer} layer
 * @param {KeyTrack} track
 * @returns {readonly number[]}
 */
export function keyPhases(layer, track) {
  if (track !== "path") return layer.motion[track].map((key) => key.time);
  const { path } = layer.motion;
  if (!path) return [];
  return path.times.length > 0 ? path.times : passingPhases(path);
}

/**
 * The layer with a key at another phase, kept between its neighbours. First and last point of a path stay where they are.
 *
 * @param {Layer} layer
 * @param {KeyTrack} track
 * @param {number} index
 * @param {number} phase
 * @returns {Layer}
 */
export function moveKey(layer, track, index, phase) {
  const { path } = layer.motion;
  if (track !== "path") {
    const held = between(keyPhases(layer, track), index, phase);
    return setKey(layer, track, index, { time: held });
  }
  if (!path || index <= 0 || index >= path.points.length - 1) return layer;
  const times = rising(keyPhases(layer, "path"));
  const moved = times.map((time, other) => (other === index ? between(times, index, phase) : time));
  return withPath(layer, { ...path, times: moved });
}

/**
 * The layer with some of a rotation or scale key changed. A value is held in its limits.
 *
 * @param {Layer} layer
 * @param {"rotation" | "scale"} track
 * @param {number} index
 * @param {Partial<Key>} some
 * @returns {Layer}
 */
export function setKey(layer, track, index, some) {
  const { low, high } = KEY_VALUES[track];
  const keys = layer.motion[track].map((key, other) => {
    if (other !== index) return key;
    const changed = { ...key, ...some };
    return { ...changed, value: Math.max(low, Math.min(high, changed.value)) };
  });
  return { ...layer, motion: { ...layer.motion, [track]: keys } };
}

/**
 * The layer without a key. A path with one point left is no path.
 *
 * @param {Layer} layer
 * @param {KeyTrack} track
 * @param {number} index
 * @returns {Layer}
 */
export function removeKey(layer, track, index) {
  if (track !== "path") {
    return { ...layer, motion: { ...layer.motion, [track]: layer.motion[track].filter((_, other) => other !== index) } };
  }
  const { path } = layer.motion;
  if (!path) return layer;
  if (path.points.length <= 2) return withPath(layer, null);
  const keep = /** @template T @param {readonly T[]} list */ (list) => list.filter((_, other) => other !== index);
  const times = keep(path.times);
  if (times.length > 0) {
    times[0] = 0;
    times[times.length - 1] = 1;
  }
  return withPath(layer, { ...path, points: keep(path.points), handles: keep(path.handles), times });
}

/**
 * The layer with a key at a phase that changes nothing by itself (only a Catmull-Rom path passes its new point on a slightly
 * other way). A first key brings one at the start with it, because
 * only differences between keys count. Where a key is already, nothing is added.
 *
 * @param {Layer} layer
 * @param {KeyTrack} track
 * @param {number} phase
 * @returns {{ layer: Layer, index: number }} and which key it is; -1 = there is no path to put one on, or no room
 */
export function addKey(layer, track, phase) {
  const held = tidy(Math.max(0, Math.min(1, phase)));
  const there = keyPhases(layer, track).findIndex((time) => Math.abs(time - held) < KEY_GAP);
  if (there >= 0) return { layer, index: there };
  if (track === "path") return addPathPoint(layer, held);
  const before = layer.motion[track];
  const first = before.length === 0 && held >= KEY_GAP;
  if (before.length + (first ? 2 : 1) > MAX_KEYS) return { layer, index: -1 };
  const keys = withKeyAt(first ? withKeyAt(before, track, 0) : before, track, held);
  const index = keys.findIndex((key) => key.time === held);
  return { layer: { ...layer, motion: { ...layer.motion, [track]: keys } }, index };
}

/**
 * @param {Layer} layer
 * @param {number} phase
 * @returns {{ layer: Layer, index: number }}
 */
function addPathPoint(layer, phase) {
  const { path } = layer.motion;
  if (!path) return { layer, index: -1 };
  const phases = keyPhases(layer, "path");
  const index = phases.findIndex((time) => time > phase);
  if (index <= 0 || path.points.length >= POINT_LIMIT) return { layer, index: -1 };
  const [x, y] = walk(path, [phase]);
  /** @type {Pair} */
  const place = tidyPair([x, y]);
  const split = path.kind === "bezier" && path.handles.length > 0 ? splitAt(path, index - 1, place) : null;
  const added = { ...path, points: insert(path.points, index, split?.point ?? place) };
  const times = path.times.length > 0 ? insert(path.times, index, phase) : path.times;
  const longer = { ...added, handles: split?.handles ?? path.handles, times };
  return isPathInLimits(longer) ? { layer: withPath(layer, longer), index } : { layer, index: -1 };
}

/**
 * A Bezier segment in two without changing its shape, by de Casteljau's construction.
 *
 * @param {Path} path
 * @param {number} segment
 * @param {Pair} near the place on it
 * @returns {{ point: Pair, handles: Path["handles"] }}
 */
function splitAt(path, segment, near) {
  const t = parameterOf(path, segment, near);
  const [a, d] = [path.points[segment], path.points[segment + 1]];
  const [leaving, arriving] = [path.handles[segment], path.handles[segment + 1]];
  /** @type {(from: Pair, to: Pair) => Pair} */
  const mix = (from, to) => [from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t];
  /** @type {Pair} */
  const b = [a[0] + leaving[2], a[1] + leaving[3]];
  /** @type {Pair} */
  const c = [d[0] + arriving[0], d[1] + arriving[1]];
  const [ab, bc, cd] = [mix(a, b), mix(b, c), mix(c, d)];
  const [before, after] = [mix(ab, bc), mix(bc, cd)];
  const point = tidyPair(mix(before, after));
  const handles = path.handles.map((row, index) => {
    if (index === segment) return /** @type {const} */ ([row[0], row[1], ...tidyPair([ab[0] - a[0], ab[1] - a[1]])]);
    if (index === segment + 1) return /** @type {const} */ ([...tidyPair([cd[0] - d[0], cd[1] - d[1]]), row[2], row[3]]);
    return row;
  });
  /** @type {Path["handles"][number]} */
  const middle = [
    ...tidyPair([before[0] - point[0], before[1] - point[1]]),
    ...tidyPair([after[0] - point[0], after[1] - point[1]]),
  ];
  return { point, handles: insert(handles, segment + 1, middle) };
}

/**
 * Where on a flattened Bezier segment a place is, 0 ... 1.
 *
 * @param {Path} path
 * @param {number} segment
 * @param {Pair} near
 */
function parameterOf(path, segment, near) {
  const corners = flatten(path);
  let best = { distance: Number.POSITIVE_INFINITY, t: 0.5 };
  for (let step = 0; step < STEPS; step += 1) {
    const at = (segment * STEPS + step) * 2;
    const [along, away] = projection(corners.subarray(at, at + 4), near);
    if (away < best.distance) best = { distance: away, t: (step + along) / STEPS };
  }
  return best.t;
}

/**
 * @param {Float64Array} chord x, y, x, y
 * @param {Pair} near
 * @returns {Pair} how far along the chord 0 ... 1, and the distance from there
 */
function projection(chord, near) {
  const [dx, dy] = [chord[2] - chord[0], chord[3] - chord[1]];
  const long = dx * dx + dy * dy;
  const raw = long > 0 ? ((near[0] - chord[0]) * dx + (near[1] - chord[1]) * dy) / long : 0;
  const along = Math.max(0, Math.min(1, raw));
  return [along, Math.hypot(chord[0] + dx * along - near[0], chord[1] + dy * along - near[1])];
}

/**
 * Phases at which a path at constant speed passes its points; even ones where it has no length.
 *
 * @param {Path} path
 * @returns {number[]}
 */
function passingPhases(path) {
  const corners = flatten(path);
  const stride = path.kind === "linear" ? 1 : STEPS;
  const distances = [0];
  for (let corner = 1; corner * 2 < corners.length; corner += 1) {
    const chord = Math.hypot(corners[corner * 2] - corners[corner * 2 - 2], corners[corner * 2 + 1] - corners[corner * 2 - 1]);
    distances.push(distances[corner - 1] + chord);
  }
  const whole = distances[distances.length - 1];
  const last = Math.max(1, path.points.length - 1);
  return path.points.map((_, index) => (whole > 0 ? distances[index * stride] / whole : index / last));
}

/**
 * The same phases, strictly rising from 0 to 1 as a document wants them.
 *
 * @param {readonly number[]} phases
 */
function rising(phases) {
  const last = phases.length - 1;
  const gap = Math.min(KEY_GAP, 0.5 / last);
  const times = phases.slice();
  times[0] = 0;
  for (let i = 1; i < last; i += 1) times[i] = Math.max(times[i], times[i - 1] + gap);
  times[last] = 1;
  for (let i = last - 1; i > 0; i -= 1) times[i] = Math.min(times[i], times[i + 1] - gap);
  return times;
}

/**
 * @param {readonly number[]} times
 * @param {number} index
 * @param {number} wish
 */
function between(times, index, wish) {
  const low = index > 0 ? times[index - 1] + KEY_GAP : 0;
  const high = index + 1 < times.length ? times[index + 1] - KEY_GAP : 1;
  return low > high ? times[index] : tidy(Math.max(low, Math.min(high, wish)));
}

/** A phase without the last digits, which are noise. @param {number} phase */
function tidy(phase) {
  return Number(phase.toFixed(6));
}

/**
 * @template T
 * @param {readonly T[]} list
 * @param {number} index
 * @param {T} item
 */
function insert(list, index, item) {
  return [...list.slice(0, index), item, ...list.slice(index)];
}

/**
 * @param {Layer} layer
 * @param {Path | null} path
 * @returns {Layer}
 */
function withPath(layer, path) {
  return { ...layer, motion: { ...layer.motion, path } };
}
