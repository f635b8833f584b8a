/** Rotation and scale keys at a phase of a layer's motion. */

import { MAX_KEYS } from "../document.js";
import { VALUE_TRACKS, withKeyAt } from "../key_splitting.js";
import { tidy } from "../tidy.js";
import { KEY_GAP } from "../timeline_keys.js";

/** @import { Key, Layer } from "../../types.js" */
/** @import { Phases } from "./moments.js" */
/** @typedef {"rotation" | "scale"} ValueTrack */

/** What a drag makes of a key's value. */
const CHANGES = {
  rotation: (/** @type {number} */ value, /** @type {number} */ degrees) => tidy(value + degrees),
  scale: (/** @type {number} */ value, /** @type {number} */ factor) => tidy(value * factor * 100) / 100,
};

/**
 * The layer turned by so many degrees, or grown by a factor, at a phase: the key there is changed, one is made where there is
 * none. The moment of the start picture gets a key too, because only the change since then counts.
 *
 * @param {Layer} layer
 * @param {ValueTrack} track
 * @param {number} amount
 * @param {Phases} phases
 * @returns {Layer}
 */
export function changeKey(layer, track, amount, { start, now, near }) {
  const { limits } = VALUE_TRACKS[track];
  const started = holdKey(layer.motion[track], track, start);
  const there = nearestKey(started, now, near, start);
  const keys = there < 0 ? holdKey(started, track, now) : started;
  const index = there < 0 ? keys.findIndex((key) => Math.abs(key.time - now) < KEY_GAP) : there;
  if (index < 0) return layer;
  const value = Math.max(limits[0], Math.min(limits[1], CHANGES[track](keys[index].value, amount)));
  const changed = keys.map((key, other) => (other === index ? { ...key, value } : key));
  return { ...layer, motion: { ...layer.motion, [track]: changed } };
}

/**
 * Keys with one more at a phase that changes nothing by itself; the same keys where one is there already or no more fit.
 *
 * @param {readonly Key[]} keys
 * @param {ValueTrack} track
 * @param {number} phase
 * @returns {readonly Key[]}
 */
export function holdKey(keys, track, phase) {
  const time = Math.max(0, Math.min(1, phase));
  if (keys.some((key) => Math.abs(key.time - time) < KEY_GAP) || keys.length >= MAX_KEYS) return keys;
  return withKeyAt(keys, track, time);
}

/**
 * The key within reach of a phase, never the one of the start picture; -1 = none.
 *
 * @param {readonly Key[]} keys
 * @param {number} now
 * @param {number} near
 * @param {number} start
 */
function nearestKey(keys, now, near, start) {
  let nearest = -1;
  keys.forEach((key, index) => {
    const away = Math.abs(key.time - now);
    if (away > near || Math.abs(key.time - start) < KEY_GAP) return;
    if (nearest < 0 || away < Math.abs(keys[nearest].time - now)) nearest = index;
  });
  return nearest;
}
