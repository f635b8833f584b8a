/** Edits of a path's control points. On the stage a path starts where its layer stands. */

import { walk } from "../curves.js";
import { anchorOf } from "../motion.js";
import { COORDINATE_LIMIT, POINT_LIMIT } from "../readers.js";
import { tidy } from "../tidy.js";
import { addKey, keyPhases } from "../timeline_keys.js";
import { phaseAt } from "../timing.js";
import { isPathInLimits, toBezier } from "./path_kinds.js";
import { moveRegion } from "./regions.js";

/** @import { ImagePoint, Layer, Pair, Path, TrackDocument } from "../../types.js" */
/** @typedef {readonly [number, number, number, number]} Handles in x, in y, out x, out y */

/** @type {Handles} */
const NO_HANDLES = [0, 0, 0, 0];

/**
 * What is added to a path's points to have them where they are drawn: the layer stands at its anchor, on the path's place of the
 * start picture. Without the camera: a path is shown over the start picture.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @returns {Pair}
 */
export function pathOrigin(document, layer) {
  const [x, y] = anchorOf(document, layer);
  const { path, timing } = layer.motion;
  if (!path) return [x, y];
  const [left, top] = walk(path, [phaseAt(timing, 0)]);
  return [x - left, y - top];
}

/**
 * Where the control points of a layer's path are drawn; none without a path.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @returns {readonly ImagePoint[]}
 */
export function pathPlaces(document, layer) {
  const { path } = layer.motion;
  if (!path) return [];
  const [x, y] = pathOrigin(document, layer);
  return path.points.map((point) => /** @type {ImagePoint} */ ([point[0] + x, point[1] + y]));
}

/**
 * Control points moved; the others stay where they are drawn. The point that the layer stands on takes its region along.
 *
 * @param {TrackDocument} document
 * @param {number} index of the layer
 * @param {readonly number[]} points
 * @param {Pair} by pixels
 * @returns {Layer}
 */
export function movePathPoints(document, index, points, by) {
  const layer = document.layers[index];
  const { path } = layer.motion;
  if (!path || (by[0] === 0 && by[1] === 0)) return layer;
  const standing = standingPoint(layer);
  const carries = points.includes(standing);
  const carried = carries ? moveRegion(layer, by) : layer;
  // A region that cannot go along (the frame, the rest, a mask between two cells) keeps its point.
  const kept = carries && (carried === layer || layer.region.kind === "mask") ? points.filter((at) => at !== standing) : points;
  const base = kept === points ? carried : layer;
  const chosen = new Set(kept);
  const moved = path.points.map((point, at) => (chosen.has(at) ? place(point[0] + by[0], point[1] + by[1]) : point));
  return withPath(base, { ...path, points: moved });
}

/**
 * One end of a Bezier handle at a place relative to its point. `together` turns the other end with it and keeps its length.
 *
 * @param {Layer} layer
 * @param {number} index of the point
 * @param {"in" | "out"} side
 * @param {Pair} to
 * @param {boolean} together
 * @returns {Layer}
 */
export function setHandle(layer, index, side, to, together) {
  const { path } = layer.motion;
  if (path?.kind !== "bezier" || !path.points[index]) return layer;
  const handles = path.points.map((_, at) => path.handles[at] ?? NO_HANDLES);
  const [x, y] = place(to[0], to[1]);
  const before = handles[index];
  const other = side === "in" ? [before[2], before[3]] : [before[0], before[1]];
  const [ox, oy] = together ? opposite([x, y], Math.hypot(other[0], other[1])) : other;
  handles[index] = side === "in" ? [x, y, ox, oy] : [ox, oy, x, y];
  return withPath(layer, { ...path, handles });
}

/**
 * Whether the two ends of a point's handle lie on one line through it.
 *
 * @param {Path} path
 * @param {number} index
 */
export function isSmooth(path, index) {
  const [inX, inY, outX, outY] = path.handles[index] ?? NO_HANDLES;
  const lengths = Math.hypot(inX, inY) * Math.hypot(outX, outY);
  return lengths > 0 && inX * outX + inY * outY < -0.999 * lengths;
}

/**
 * The path longer by a point at a place of the picture; the first brings the place where the layer stands with it. Points with
 * times keep their order: all times shrink to make room at the end. Unchanged where the path is full.
 *
 * @param {TrackDocument} document
 * @param {number} index of the layer
 * @param {ImagePoint} at
 * @param {{ kind: Path["kind"], leaving?: Pair }} fresh what a first path is; the handle that it leaves its start with
 * @returns {Layer}
 */
export function appendPoint(document, index, at, { kind, leaving = [0, 0] }) {
  const layer = document.layers[index];
  const [x, y] = pathOrigin(document, layer);
  const point = place(at[0] - x, at[1] - y);
  const { path } = layer.motion;
  if (!path) return withPath(layer, firstPath(kind, point, leaving));
  if (path.points.length >= POINT_LIMIT) return layer;
  const before = kind === "bezier" ? toBezier(path) : path;
  const handles =
    before.kind === "bezier" ? [...before.points.map((_, to) => before.handles[to] ?? NO_HANDLES), NO_HANDLES] : [];
  const longer = { ...before, points: [...before.points, point], handles, times: [] };
  return withPath(layer, path.times.length ? squeezed(layer, longer, path.times) : longer);
}

/**
 * The last point of the path at another place of the picture.
 *
 * @param {TrackDocument} document
 * @param {number} index
 * @param {ImagePoint} at
 * @returns {Layer}
 */
export function moveLastPoint(document, index, at) {
  const layer = document.layers[index];
  const { path } = layer.motion;
  if (!path) return layer;
  const [x, y] = pathOrigin(document, layer);
  return withPath(layer, { ...path, points: [...path.points.slice(0, -1), place(at[0] - x, at[1] - y)] });
}

/**
 * The layer without some points of its path; a path with one point left is none.
 *
 * @param {Layer} layer
 * @param {readonly number[]} indices
 * @returns {Layer}
 */
export function removePathPoints(layer, indices) {
  const { path } = layer.motion;
  const gone = new Set(indices);
  if (!path?.points.some((_, index) => gone.has(index))) return layer;
  const keep = /** @template T @param {readonly T[]} list */ (list) => list.filter((_, index) => !gone.has(index));
  const points = keep(path.points);
  if (points.length < 2) return withPath(layer, null);
  const times = keep(path.times).map((time, index, all) => (index === 0 ? 0 : index === all.length - 1 ? 1 : time));
  return withPath(layer, { ...path, points, handles: keep(path.handles), times });
}

/**
 * The layer with one more point on its path, which keeps its shape, at a share 0 ... 1 of the whole way.
 *
 * @param {Layer} layer
 * @param {number} share
 * @returns {{ layer: Layer, index: number }} and which point it is; -1 = there is no room
 */
export function insertOnPath(layer, share) {
  const { path } = layer.motion;
  if (!path || path.points.length >= POINT_LIMIT) return { layer, index: -1 };
  const added = addKey(layer, "path", phaseOfShare(layer, share));
  const longer = added.layer.motion.path;
  return longer && isPathInLimits(longer) ? added : { layer, index: -1 };
}

/**
 * The path point at which the layer is in the start picture; -1 = it is between two.
 *
 * @param {Layer} layer
 */
export function standingPoint(layer) {
  const start = phaseAt(layer.motion.timing, 0);
  return keyPhases(layer, "path").findIndex((phase) => Math.abs(phase - start) < 1e-9);
}

/**
 * The layer with another path.
 *
 * @param {Layer} layer
 * @param {Path | null} path
 * @returns {Layer}
 */
export function withPath(layer, path) {
  return { ...layer, motion: { ...layer.motion, path } };
}

/**
 * @param {Path["kind"]} kind
 * @param {Pair} point
 * @param {Pair} leaving
 * @returns {Path}
 */
function firstPath(kind, point, leaving) {
  const [across, down] = place(leaving[0], leaving[1]);
  const handles = kind === "bezier" ? [/** @type {Handles} */ ([0 - across, 0 - down, across, down]), NO_HANDLES] : [];
  return { kind, points: [[0, 0], point], handles, times: [] };
}

/**
 * A path that has become longer at its end with the times that it had, squeezed by its share of the way.
 *
 * @param {Layer} layer
 * @param {Path} longer without times
 * @param {readonly number[]} times
 * @returns {Path}
 */
function squeezed(layer, longer, times) {
  const shares = keyPhases(withPath(layer, longer), "path");
  const share = Math.max(0.05, Math.min(0.95, shares[times.length - 1]));
  return { ...longer, times: [...times.map((time) => time * share), 1] };
}

/**
 * The phase at which a share of the whole way has been walked.
 *
 * @param {Layer} layer
 * @param {number} share
 */
function phaseOfShare(layer, share) {
  const { path } = layer.motion;
  if (!path?.times.length) return share;
  const shares = keyPhases(withPath(layer, { ...path, times: [] }), "path");
  const after = Math.max(
    1,
    shares.findIndex((at) => at >= share),
  );
  const width = shares[after] - shares[after - 1];
  const part = width > 0 ? (share - shares[after - 1]) / width : 0.5;
  return path.times[after - 1] + part * (path.times[after] - path.times[after - 1]);
}

/**
 * @param {Pair} direction
 * @param {number} length
 * @returns {Pair}
 */
function opposite([x, y], length) {
  const own = Math.hypot(x, y);
  return own > 0 ? place((-x / own) * length, (-y / own) * length) : [0, 0];
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {Pair}
 */
function place(x, y) {
  const hold = (/** @type {number} */ value) => tidy(Math.max(-COORDINATE_LIMIT, Math.min(COORDINATE_LIMIT, value)));
  return [hold(x), hold(y)];
}
