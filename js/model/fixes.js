/** What a button does about a finding. */

import { isDrawn } from "./depth.js";
import { STILL } from "./document.js";
import { setLayer } from "./edits/layers.js";
import { makeFit, windowOf } from "./fit.js";
import { cellEdit } from "./guidance.js";
import { COORDINATE_LIMIT } from "./readers.js";
import { makeCase, RULES } from "./rules.js";
import { bakeWhatCan } from "./sampling.js";
import { moveLayers } from "./timeline_edits.js";
import { isSame } from "./values.js";

/** @import { Clip, FindingKind, Key, Motion, Pair, Path, Span, TrackDocument } from "../types.js" */
/**
 * @typedef {object} Details
 * @property {boolean} all whether all tracks of the layer are concerned
 * @property {number} rival the topmost layer that takes cells from it, -1 = none
 * @property {boolean} cameraToo whether a camera's own tracks are concerned as well
 */
/** @typedef {(document: TrackDocument) => TrackDocument} Fix */

/** A path is shortened to this share until it no longer jumps, at most so often. */
const SHORTER = 0.8;
const SHORTENINGS = 12;

/**
 * What mends a finding, null = nothing that a button could do. Locked layers are left alone.
 *
 * @param {FindingKind} kind
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {number} index of the layer
 * @param {Details} details
 * @returns {Fix | null}
 */
export function fixOf(kind, document, clip, index, { all, rival, cameraToo }) {
  const layer = document.layers[index];
  const byCamera = cameraToo && layer.region.kind !== "frame";
  if (layer.locked) return null;
  switch (kind) {
    case "start-outside":
      return layer.region.kind === "point" ? (now) => startInside(now, clip, index) : null;
    case "hidden-start":
      return (now) => setLayer(now, index, { visible: fromTheStart(now.layers[index].visible) });
    case "far-edge":
      return (now) => firstThatHelps(kind, now, clip, index, nudges(now, clip, index));
    case "collision-lost":
      return rival > index && isDrawn(layer) ? (now) => moveLayers(now, [index], rival + 1).document : null;
    case "motion-under-a-cell":
      return all && !byCamera && !isSame(layer.motion, STILL) ? (now) => setLayer(now, index, { motion: STILL }) : null;
    case "jump": {
      const slower = byCamera ? [] : slowerMotions(layer.motion);
      return slower.length ? (now) => firstThatHelps(kind, now, clip, index, slowed(now, index)) : null;
    }
    default:
      return null;
  }
}

/**
 * The first document without this finding for the layer, else the one with fewest tracks concerned, else the document itself.
 *
 * @param {FindingKind} kind
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {number} index
 * @param {readonly TrackDocument[]} tries
 */
function firstThatHelps(kind, document, clip, index, tries) {
  let [best, least] = [document, concernedTracks(kind, document, clip, index)];
  for (const one of tries) {
    const count = concernedTracks(kind, one, clip, index);
    if (count < least) [best, least] = [one, count];
    if (!count) break;
  }
  return best;
}

/**
 * @param {FindingKind} kind
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {number} index
 */
function concernedTracks(kind, document, clip, index) {
  const { tracks } = bakeWhatCan(document, clip);
  const rule = RULES.find(([name]) => name === kind)?.[1];
  if (!tracks?.layer.includes(index) || !rule) return Number.POSITIVE_INFINITY;
  const frames = rule(makeCase(tracks, cellEdit(tracks)));
  return frames.reduce((count, frame, track) => count + (frame >= 0 && tracks.layer[track] === index ? 1 : 0), 0);
}

/**
 * A point at the nearest place that the target shows, half a pixel from its borders.
 *
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {number} index
 */
function startInside(document, clip, index) {
  const { region } = document.layers[index];
  if (region.kind !== "point") return document;
  const fit = fitOf(document, clip);
  const [left, top, right, bottom] = windowOf(fit);
  const margin = fit.scale.map((scale) => 0.5 / scale);
  /** @type {Pair} */
  const at = [
    Math.min(Math.max(region.at[0], left + margin[0]), right - margin[0]),
    Math.min(Math.max(region.at[1], top + margin[1]), bottom - margin[1]),
  ];
  return setLayer(document, index, { region: { ...region, at } });
}

/**
 * @param {readonly Span[]} spans
 * @returns {readonly Span[]}
 */
function fromTheStart(spans) {
  return spans.length ? [[0, spans[0][1]], ...spans.slice(1)] : [[0, 1]];
}

/**
 * The layer's way bent by a pixel of the target to the left, up, or both.
 *
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @param {number} index
 */
function nudges(document, clip, index) {
  const [across, down] = fitOf(document, clip).scale.map((scale) => -1 / scale);
  /** @type {Pair[]} */
  const shifts = [
    [across, 0],
    [0, down],
    [across, down],
  ];
  const { motion } = document.layers[index];
  return shifts.map((by) => setLayer(document, index, { motion: { ...motion, path: bent(motion, by) } }));
}

/**
 * The motion's path with all but the point at which it starts moved. A motion without a path gets one.
 *
 * @param {Motion} motion
 * @param {Pair} by
 * @returns {Path}
 */
function bent({ path, timing }, by) {
  const whole = path ?? STANDING;
  const start = startIndex(whole, timing.reverse);
  const points = whole.points.map(([x, y], index) => (index === start ? pair(x, y) : pair(x + by[0], y + by[1])));
  return { ...whole, points };
}

/** @type {Path} */
const STANDING = {
  kind: "linear",
  points: [
    [0, 0],
    [0, 0],
  ],
  handles: [],
  times: [],
};

/**
 * @param {TrackDocument} document
 * @param {number} index
 */
function slowed(document, index) {
  return slowerMotions(document.layers[index].motion).map((motion) => setLayer(document, index, { motion }));
}

/**
 * From what changes least to what changes most: over the whole clip, without easing, there and back instead of starting over,
 * then shorter and shorter.
 *
 * @param {Motion} motion
 * @returns {Motion[]}
 */
function slowerMotions(motion) {
  const { timing } = motion;
  if (isSame(motion, { ...STILL, timing, anchor: motion.anchor })) return [];
  const whole = { ...motion, timing: { ...timing, start: 0, end: 1 } };
  const even = { ...whole, timing: { ...whole.timing, easing: "linear" } };
  const back = { ...even, timing: { ...even.timing, repeat: /** @type {const} */ ("ping-pong"), cycles: timing.cycles / 2 } };
  const tries = [whole, even, ...(timing.repeat === "loop" ? [back] : [])];
  if (motion.path || motion.rotation.length > 1 || motion.scale.length > 1) {
    for (let turn = 1; turn <= SHORTENINGS; turn++) tries.push(lessened(whole, SHORTER ** turn));
  }
  return tries.filter((one) => !isSame(one, motion));
}

/**
 * The motion with its path, turn and growth at a share of what they were.
 *
 * @param {Motion} motion
 * @param {number} share
 * @returns {Motion}
 */
function lessened(motion, share) {
  const { path, rotation, scale } = motion;
  const grown = scale.map((key) => ({ ...key, value: Math.log(key.value) }));
  return {
    ...motion,
    path: path && shortened(path, share, motion.timing.reverse),
    rotation: nearer(rotation, share),
    scale: nearer(grown, share).map((key) => ({ ...key, value: rounded(Math.exp(key.value), 1e4) })),
  };
}

/**
 * @param {Path} path
 * @param {number} share
 * @param {boolean} reverse
 * @returns {Path}
 */
function shortened(path, share, reverse) {
  const [x0, y0] = path.points[startIndex(path, reverse)];
  const points = path.points.map(([x, y]) => pair(rounded(x0 + (x - x0) * share, 100), rounded(y0 + (y - y0) * share, 100)));
  const handles = path.handles.map(
    (handle) => /** @type {[number, number, number, number]} */ (handle.map((side) => rounded(side * share, 100))),
  );
  return { ...path, points, handles };
}

/**
 * @param {readonly Key[]} keys
 * @param {number} share
 */
function nearer(keys, share) {
  return keys.map((key) => ({ ...key, value: keys[0].value + (key.value - keys[0].value) * share }));
}

/**
 * @param {Path} path
 * @param {boolean} reverse
 */
function startIndex(path, reverse) {
  return reverse ? path.points.length - 1 : 0;
}

/**
 * @param {TrackDocument} document
 * @param {Clip} clip
 */
function fitOf(document, clip) {
  return makeFit(document, clip.width, clip.height, clip.fit ?? "stretch");
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {Pair}
 */
function pair(x, y) {
  return [
    Math.max(Math.min(x, COORDINATE_LIMIT), -COORDINATE_LIMIT),
    Math.max(Math.min(y, COORDINATE_LIMIT), -COORDINATE_LIMIT),
  ];
}

/**
 * @param {number} value
 * @param {number} steps in 1
 */
function rounded(value, steps) {
  return Math.round(value * steps) / steps;
}
