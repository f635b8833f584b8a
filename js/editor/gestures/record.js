/** Recording a motion while the clip plays: where the pointer is when. One pass over the clip, or until it is lifted. */

import { WHOLE_CLIP } from "../../model/document.js";
import { setLayer, withMotion } from "../../model/edits.js";
import { fitRecording } from "../../model/fit_path.js";
import { anchorOf, applyAffine, cameraAt, invertAffine } from "../../model/motion.js";
import { commit, NO_GESTURE, restore } from "../history.js";
import { reachOf } from "./pointer.js";
import { strokeTarget } from "./targets.js";

/** @import { EditorState, Gesture, Pair, PointerInput, TrackDocument } from "../../types.js" */
/** @typedef {Extract<Gesture, { kind: "record" }>} Recording */

/** Pixels that a simplified recording may be off at any time. */
const TOLERANCE = 1.5;
/** CSS pixels; less was no movement. */
const LEAST = 3;

/**
 * @param {EditorState} state
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function pressRecord(state, input) {
  const { state: aimed, layer } = strokeTarget(state, input.at, reachOf(input));
  if (layer < 0) return aimed;
  const still = withMotion(aimed.document.layers[layer], { path: null, timing: WHOLE_CLIP });
  return {
    ...aimed,
    document: setLayer(aimed.document, layer, still),
    gesture: { kind: "record", points: [input.at], times: [input.time], layer },
    progress: 0,
    playing: true,
  };
}

/**
 * @param {EditorState} state
 * @param {Recording} gesture
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function moveRecord(state, gesture, input) {
  const longer = { ...gesture, points: [...gesture.points, input.at], times: [...gesture.times, input.time] };
  const recorded = { ...state, gesture: longer, document: recordedDocument(state, longer, 0) };
  return input.time - gesture.times[0] >= duration(state) ? finishRecord(recorded, longer) : recorded;
}

/**
 * @param {EditorState} state
 * @param {Recording} gesture
 * @returns {EditorState}
 */
export function finishRecord(state, gesture) {
  const [first, ...others] = gesture.points;
  const reach = Math.max(0, ...others.map(([x, y]) => Math.hypot(x - first[0], y - first[1])));
  if (reach * state.viewport.scale < LEAST) return { ...restore(state), playing: false };
  const document = recordedDocument(state, gesture, TOLERANCE);
  return commit({ ...state, document, gesture: NO_GESTURE, playing: false });
}

/**
 * Milliseconds of the clip.
 *
 * @param {EditorState} state
 */
function duration({ clip }) {
  return (Math.max(clip.length - 1, 1) / clip.fps) * 1000;
}

/**
 * The layer follows the pointer through the camera, from the place where it was taken hold of.
 *
 * @param {EditorState} state
 * @param {Recording} gesture
 * @param {number} tolerance
 * @returns {TrackDocument}
 */
function recordedDocument(state, { points, times, layer: index }, tolerance) {
  const { document } = state;
  const layer = document.layers[index];
  const [left, top] = anchorOf(document, layer);
  const phases = times.map((time) => Math.max(0, Math.min(1, (time - times[0]) / duration(state))));
  // The committed document has the same cameras and stays the same object, so that what they do is worked out once.
  const cameras =
    layer.region.kind === "frame" ? { ...document, layers: document.layers.slice(index + 1) } : state.committed.document;
  const places = points.map(([x, y], at) => {
    const shown = /** @type {Pair} */ ([left + x - points[0][0], top + y - points[0][1]]);
    const [ownX, ownY] = applyAffine(invertAffine(cameraAt(cameras, phases[at])), shown[0], shown[1]);
    return /** @type {Pair} */ (Number.isFinite(ownX + ownY) ? [ownX, ownY] : shown);
  });
  const path = fitRecording(places, phases, tolerance);
  return path ? setLayer(document, index, withMotion(layer, { path })) : document;
}
