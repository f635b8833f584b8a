/** From key to key: where the playhead goes with `<` and `>`. */

import { keyPhases } from "../model/timeline_keys.js";
import { echoesOf, momentOf } from "./timeline/moments.js";

/** @import { KeyTrack, Layer, Selection, TrackDocument } from "../types.js" */

/** Clip progress: nearer than this to the playhead is where it stands. */
const HERE = 1e-4;

/** @type {readonly KeyTrack[]} */
const TRACKS = ["path", "rotation", "scale"];

/**
 * The nearest key before or after a moment, of the selected layers, of all where none is selected. Ends of motions and
 * edges of visible spans count as keys.
 *
 * @param {TrackDocument} document
 * @param {Selection} selection
 * @param {number} progress
 * @param {boolean} back
 * @returns {number | null} clip progress
 */
export function neighbouringMoment(document, selection, progress, back) {
  const chosen = selection.layers.length ? selection.layers.map((index) => document.layers[index]) : document.layers;
  const moments = chosen.flatMap(momentsOf);
  const beyond = moments.filter((moment) => (back ? moment < progress - HERE : moment > progress + HERE));
  if (beyond.length === 0) return null;
  return back ? Math.max(...beyond) : Math.min(...beyond);
}

/** @type {WeakMap<Layer, readonly number[]>} */
const known = new WeakMap();

/** @param {Layer} layer */
function momentsOf(layer) {
  const before = known.get(layer);
  if (before) return before;
  const { timing } = layer.motion;
  const phases = TRACKS.flatMap((track) => [...keyPhases(layer, track)]);
  const keys = phases.flatMap((phase) => [momentOf(timing, phase), ...echoesOf(timing, phase)]);
  const moments = [...keys, timing.start, timing.end, ...layer.visible.flat()].filter((moment) => moment >= 0 && moment <= 1);
  known.set(layer, moments);
  return moments;
}
