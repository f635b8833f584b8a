/**
 * Where a layer is at a clip progress 0 ... 1: an affine map for the layer as a whole and a ripple for single places. The twin
 * of wanmove_core/tracks/motion.py.
 *
 * At progress 0 the map is the identity and the ripple is zero: the start picture is where every layer starts from. The camera
 * (all enabled `frame` layers, bottom to top) composes after the layer's own motion.
 */

import { applyAffine, composeAffines, IDENTITY, invertAffine } from "./affines.js";
import { COMPONENTS } from "./components.js";
import { walk } from "./curves.js";
import { centre } from "./shapes.js";
import { phaseAt, valueAt } from "./timing.js";

/** @import { Affine, Key, Layer, Motion, Pair, Pose, TrackDocument } from "../types.js" */

export { applyAffine, composeAffines, IDENTITY, invertAffine };

/**
 * The map from pixels of the start picture to where the layer has them at `progress`, camera included.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {number} progress
 * @returns {Affine}
 */
export function affineAt(document, layer, progress) {
  const camera = cameraAt(document, progress);
  if (layer.region.kind === "frame") return camera;
  const own = ownAffine(document, layer, progress);
  return camera === IDENTITY ? own : composeAffines(camera, own);
}

/**
 * What all cameras do together.
 *
 * @param {TrackDocument} document
 * @param {number} progress
 * @returns {Affine}
 */
export function cameraAt(document, progress) {
  const { layers, moments } = camerasOf(document);
  if (!layers.length) return IDENTITY;
  return remembered(moments, progress, () => {
    const affines = layers.map((camera) => ownAffine(document, camera, progress));
    return affines.reduce((combined, own) => composeAffines(own, combined));
  });
}

/**
 * What is added to points of the start picture before the affine map; zero unless the layer has a ripple. A ripple of a `frame`
 * moves the background only, not the layers above it. [N * 2] pixels
 *
 * @param {Layer} layer
 * @param {Float64Array} points [N * 2]
 * @param {number} progress
 */
export function rippleAt(layer, points, progress) {
  return makeRipple(layer, points)(progress);
}

/**
 * `rippleAt` for the same points at many moments.
 *
 * @param {Layer} layer
 * @param {Float64Array} points [N * 2]
 * @returns {(progress: number) => Float64Array}
 */
export function makeRipple(layer, points) {
  const { timing, components } = layer.motion;
  const parts = components.flatMap(({ kind, values }) => {
    const ripple = COMPONENTS[kind].ripple;
    return ripple ? [(/** @type {number} */ phase) => ripple(values, places, phase)] : [];
  });
  const places = points.slice();
  if (!parts.length) return () => new Float64Array(points.length);
  const [x, y] = layer.motion.anchor ?? centre(layer.region, 0, 0);
  for (let at = 0; at < places.length; at += 2) {
    places[at] -= x;
    places[at + 1] -= y;
  }
  const phase = phaseAt(timing, 0);
  const starts = parts.map((part) => part(phase));
  return (progress) => addUp(parts, starts, phaseAt(timing, progress));
}

/**
 * Where points of the start picture are at `progress`: rippled, then moved. [N * 2] pixels
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {Float64Array} points [N * 2]
 * @param {number} progress
 */
export function movePoints(document, layer, points, progress) {
  const [a, b, left, c, d, top] = affineAt(document, layer, progress);
  const moved = hasRipple(layer) ? rippleAt(layer, points, progress) : new Float64Array(points.length);
  for (let at = 0; at < points.length; at += 2) {
    const x = points[at] + moved[at];
    const y = points[at + 1] + moved[at + 1];
    moved[at] = x * a + y * b + left;
    moved[at + 1] = x * c + y * d + top;
  }
  return moved;
}

/**
 * The change since progress 0, before the anchor and the camera come in: pixels, degrees and the logarithm of the scale.
 *
 * @param {Motion} motion
 * @param {number} progress
 * @returns {Pose}
 */
export function poseAt(motion, progress) {
  const start = startOf(motion);
  const now = poseOf(motion, phaseAt(motion.timing, progress));
  return { x: now.x - start.x, y: now.y - start.y, turn: now.turn - start.turn, growth: now.growth - start.growth };
}

/**
 * What the layer turns and grows about: its motion's anchor or the middle of its region's box.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @returns {Pair}
 */
export function anchorOf(document, layer) {
  return layer.motion.anchor ?? centre(layer.region, document.width, document.height);
}

/**
 * Whether `rippleAt` is ever anything but zero.
 *
 * @param {Layer} layer
 */
export function hasRipple(layer) {
  return layer.motion.components.some((part) => COMPONENTS[part.kind].ripple);
}

/**
 * How much larger than in the start picture the layer is, camera included.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {number} progress
 */
export function scaleAt(document, layer, progress) {
  const [a, b, , c, d] = affineAt(document, layer, progress);
  return Math.sqrt(Math.abs(a * d - b * c));
}

/** Moments that are remembered for a layer: more than the frames of most clips, so that only what changed is worked out. */
const MOMENTS = 1024;

/** @typedef {Map<number, Affine>} Moments */
/** @type {WeakMap<TrackDocument, { layers: Layer[], moments: Moments }>} */
const CAMERAS = new WeakMap();
/** Of the layers of a document of this size. @type {WeakMap<Layer, { width: number, height: number, moments: Moments }>} */
const OWN = new WeakMap();
/** @type {WeakMap<Motion, Pose>} */
const STARTS = new WeakMap();
/** @type {WeakMap<readonly Key[], readonly Key[]>} */
const LOGARITHMS = new WeakMap();

/** @param {TrackDocument} document */
function camerasOf(document) {
  let cameras = CAMERAS.get(document);
  if (!cameras) {
    const layers = document.layers.filter((layer) => layer.enabled && layer.region.kind === "frame");
    cameras = { layers, moments: new Map() };
    CAMERAS.set(document, cameras);
  }
  return cameras;
}

/**
 * The layer's own motion, without the camera.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {number} progress
 */
function ownAffine(document, layer, progress) {
  const { width, height } = document;
  let own = OWN.get(layer);
  if (own?.width !== width || own.height !== height) {
    own = { width, height, moments: new Map() };
    OWN.set(layer, own);
  }
  return remembered(own.moments, progress, () => affineOf(poseAt(layer.motion, progress), anchorOf(document, layer)));
}

/**
 * @param {Moments} moments
 * @param {number} progress
 * @param {() => Affine} make
 */
function remembered(moments, progress, make) {
  let affine = moments.get(progress);
  if (!affine) {
    if (moments.size >= MOMENTS) moments.clear();
    affine = make();
    moments.set(progress, affine);
  }
  return affine;
}

/**
 * @param {Pose} pose
 * @param {Pair} anchor
 * @returns {Affine}
 */
function affineOf(pose, [x, y]) {
  const angle = pose.turn * (Math.PI / 180);
  const scale = Math.exp(pose.growth);
  const [along, aside] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  return [along, 0 - aside, x + pose.x - (along * x - aside * y), aside, along, y + pose.y - (aside * x + along * y)];
}

/** @param {Motion} motion */
function startOf(motion) {
  let start = STARTS.get(motion);
  if (!start) {
    start = poseOf(motion, phaseAt(motion.timing, 0));
    STARTS.set(motion, start);
  }
  return start;
}

/**
 * @param {Motion} motion
 * @param {number} phase
 * @returns {Pose}
 */
function poseOf(motion, phase) {
  let [x, y, turn, growth] = [0, 0, 0, 0];
  for (const { kind, values } of motion.components) {
    const pose = COMPONENTS[kind].pose?.(values, phase);
    if (pose) [x, y, turn, growth] = [x + pose.x, y + pose.y, turn + pose.turn, growth + pose.growth];
  }
  if (motion.path) {
    const place = walk(motion.path, [phase]);
    x += place[0];
    y += place[1];
  }
  if (motion.rotation.length) turn += valueAt(motion.rotation, phase);
  if (motion.scale.length) growth += valueAt(logarithms(motion.scale), phase);
  return { x, y, turn, growth };
}

/** Equal factors in equal times. @param {readonly Key[]} keys */
function logarithms(keys) {
  let known = LOGARITHMS.get(keys);
  if (!known) {
    known = keys.map((key) => ({ ...key, value: Math.log(key.value) }));
    LOGARITHMS.set(keys, known);
  }
  return known;
}

/**
 * @param {((phase: number) => Float64Array)[]} parts
 * @param {Float64Array[]} starts what each gives at progress 0
 * @param {number} phase
 */
function addUp(parts, starts, phase) {
  const total = new Float64Array(starts[0].length);
  parts.forEach((part, index) => {
    const now = part(phase);
    const start = starts[index];
    for (let at = 0; at < total.length; at++) total[at] += now[at] - start[at];
  });
  return total;
}
