/** What lies under the pointer. */

import { selectedCamera } from "./boxed_layers.js";
import { flatten, STEPS } from "./curves.js";
import { isStart } from "./edits/moments.js";
import { regionPoints } from "./edits/outlines.js";
import { pathOrigin, pathPlaces, standingPoint } from "./edits/paths.js";
import { affineAt, applyAffine, hasRipple, invertAffine, movePoints } from "./motion.js";
import { isRippledTo } from "./rippled.js";
import { onlyLayer } from "./selection.js";
import { handlesOf, layerCorners, momentOf, selectionCorners } from "./selection_box.js";
import { bounds, contains } from "./shapes.js";

/** @import { Hit, ImagePoint, Layer, Pair, Path, TrackDocument } from "../types.js" */
/** @import { HitContext } from "./selection_box.js" */

export { handlesOf, pathPlaces, selectionCorners };

/** @type {Hit} */
export const NO_HIT = Object.freeze({ kind: "nothing" });

/** CSS pixels; a dot is as large as this and can be taken by its rim. */
const DOT = 5;

/**
 * What a press would take: a handle, a selected point or bezier handle, other points of the selected layer, its path, a selected
 * layer, the topmost other. Which of these there are depends on the tool. Locked and disabled layers, the rest and, but for
 * the camera tool, the camera are never hit.
 *
 * @param {HitContext} context
 * @param {ImagePoint} at
 * @param {number} tolerance CSS pixels
 * @returns {Hit}
 */
export function hitTest(context, at, tolerance) {
  const reach = tolerance / context.viewport.scale;
  switch (context.tool) {
    case "select":
      return hitHandle(context, at, reach) ?? hitPath(context, at, reach) ?? hitLayer(context, at, reach);
    case "camera":
      return hitHandle(context, at, reach) ?? hitCamera(context);
    case "points":
    case "pen":
      return hitPathPoint(context, at, reach) ?? hitLayer(context, at, reach);
    case "pencil":
    case "record":
      return hitLayer(context, at, reach);
    default:
      return NO_HIT;
  }
}

/**
 * All layers under the pointer, from the top: what Tab goes through.
 *
 * @param {HitContext} context
 * @param {ImagePoint} at
 * @param {number} tolerance CSS pixels
 * @returns {Hit[]}
 */
export function hitAll(context, at, tolerance) {
  const { layers } = context.document;
  const reach = tolerance / context.viewport.scale;
  const found = [...layers.keys()].filter((index) => isUnder(context, layers[index], at, reach));
  return found.reverse().map((layer) => ({ kind: "layer", layer }));
}

/**
 * The place of a layer's path that is nearest to a place of the picture: how far it is, on which segment, and which share 0 ... 1
 * of the whole way lies before it. Null without a path.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 * @param {ImagePoint} at
 */
export function nearestOnPath(document, layer, at) {
  const { path } = layer.motion;
  if (!path) return null;
  const [x, y] = pathOrigin(document, layer);
  return nearestOnChords(path, at[0] - x, at[1] - y);
}

/**
 * @param {HitContext} context
 * @param {ImagePoint} at
 * @param {number} reach
 * @returns {Hit | null}
 */
function hitHandle(context, at, reach) {
  const found = nearest(
    handlesOf(context),
    ({ at: place, handle }) => [place, handle.kind === "anchor" ? reach * 0.7 : reach],
    at,
  );
  return found ? { kind: "handle", handle: found.handle } : null;
}

/**
 * @param {HitContext} context
 * @param {ImagePoint} at
 * @param {number} reach
 * @returns {Hit | null}
 */
function hitPath(context, at, reach) {
  const index = freeLayer(context);
  if (index < 0) return null;
  const layer = context.document.layers[index];
  const point = hitPathPoint(context, at, reach) ?? hitRegionPoint(context, index, at, reach);
  if (point) return point;
  const near = nearestOnPath(context.document, layer, at);
  return near && near.distance <= reach ? { kind: "path", layer: index, segment: near.segment } : null;
}

/**
 * @param {HitContext} context
 * @param {ImagePoint} at
 * @param {number} reach
 * @returns {Hit | null}
 */
function hitPathPoint(context, at, reach) {
  const index = freeLayer(context);
  const path = index < 0 ? null : context.document.layers[index].motion.path;
  if (!path) return null;
  const places = pathPlaces(context.document, context.document.layers[index]);
  const onHandle = hitPathHandle(context, path, places, at, reach);
  if (onHandle) return { kind: "path-handle", layer: index, ...onHandle };
  // At the start the layer itself stands on this point, and it is the layer that is moved.
  const covered = isStart(momentOf(context)) ? standingPoint(context.document.layers[index]) : -1;
  const marked = places.map((place, point) => ({ place, point })).filter(({ point }) => point !== covered);
  const chosen = marked.filter(({ point }) => context.selection.points.includes(point));
  const found = nearest(chosen, ({ place }) => [place, reach], at) ?? nearest(marked, ({ place }) => [place, reach], at);
  return found ? { kind: "path-point", layer: index, index: found.point } : null;
}

/**
 * Bezier handles can be taken of selected points only: only these show them.
 *
 * @param {HitContext} context
 * @param {Path} path
 * @param {readonly ImagePoint[]} places
 * @param {ImagePoint} at
 * @param {number} reach
 */
function hitPathHandle({ selection }, path, places, at, reach) {
  if (path.kind !== "bezier") return null;
  const ends = selection.points.flatMap((index) => {
    const [inX, inY, outX, outY] = path.handles[index] ?? [0, 0, 0, 0];
    const [x, y] = places[index];
    const into = { index, side: /** @type {const} */ ("in"), at: /** @type {ImagePoint} */ ([x + inX, y + inY]) };
    const out = { index, side: /** @type {const} */ ("out"), at: /** @type {ImagePoint} */ ([x + outX, y + outY]) };
    return [...(inX || inY ? [into] : []), ...(outX || outY ? [out] : [])];
  });
  const found = nearest(ends, (end) => [end.at, reach], at);
  return found && { index: found.index, side: found.side };
}

/**
 * @param {HitContext} context
 * @param {number} index
 * @param {ImagePoint} at
 * @param {number} reach
 * @returns {Hit | null}
 */
function hitRegionPoint(context, index, at, reach) {
  if (!isStart(momentOf(context))) return null;
  const places = regionPoints(context.document.layers[index].region).map((place, point) => ({ place, point }));
  const found = nearest(places, ({ place }) => [place, reach], at);
  return found ? { kind: "region-point", layer: index, index: found.point } : null;
}

/**
 * @param {HitContext} context
 * @param {ImagePoint} at
 * @param {number} reach
 * @returns {Hit}
 */
function hitLayer(context, at, reach) {
  const { document, selection } = context;
  const isHit = (/** @type {number} */ index) => isUnder(context, document.layers[index], at, reach);
  const selected = selection.layers.findLast(isHit);
  const layer = selected ?? document.layers.findLastIndex((_, index) => isHit(index));
  return layer < 0 ? NO_HIT : { kind: "layer", layer };
}

/**
 * @param {HitContext} context
 * @returns {Hit}
 */
function hitCamera({ document, selection }) {
  const layer = selectedCamera(document, selection);
  return layer < 0 ? NO_HIT : { kind: "layer", layer };
}

/**
 * The only selected layer if it may be changed, else -1.
 *
 * @param {HitContext} context
 */
function freeLayer({ document, selection }) {
  const index = onlyLayer(selection);
  const layer = document.layers[index];
  return layer && !layer.locked && layer.enabled ? index : -1;
}

/**
 * Whether a layer is shown at a place at this moment; what is too small to be met exactly counts from nearby.
 *
 * @param {HitContext} context
 * @param {Layer} layer
 * @param {ImagePoint} at
 * @param {number} reach
 */
function isUnder(context, layer, at, reach) {
  const { document, progress, viewport } = context;
  if (!layer.enabled || layer.locked || layer.region.kind === "frame" || layer.region.kind === "rest") return false;
  const affine = affineAt(document, layer, progress);
  if (layer.region.kind === "point") {
    const [left, top] = movePoints(document, layer, Float64Array.from(layer.region.at), progress);
    return away([left, top], at) <= reach + DOT / viewport.scale;
  }
  const [x, y] = applyAffine(invertAffine(affine), at[0], at[1]);
  if (hasRipple(layer) && progress > 0) return isRippledTo(document, layer, [x, y], progress);
  const [left, top, right, bottom] = bounds(layer.region, document.width, document.height);
  if (x >= left && x <= right && y >= top && y <= bottom && contains(layer.region, x, y)) return true;
  const corners = layerCorners(context, layer);
  return away(corners[0], corners[2]) < 2 * reach && away(corners[0], at) < 2 * reach;
}

/**
 * @param {Path} path
 * @param {number} x
 * @param {number} y
 */
function nearestOnChords(path, x, y) {
  const chords = flatten(path);
  let [best, walked, before, segment] = [Number.POSITIVE_INFINITY, 0, 0, 0];
  for (let at = 0; at + 3 < chords.length; at += 2) {
    const [left, top] = [chords[at], chords[at + 1]];
    const [across, down] = [chords[at + 2] - left, chords[at + 3] - top];
    const squared = across * across + down * down;
    const along = squared > 0 ? Math.max(0, Math.min(1, ((x - left) * across + (y - top) * down) / squared)) : 0;
    const distance = Math.hypot(left + along * across - x, top + along * down - y);
    const length = Math.sqrt(squared);
    if (distance < best) [best, before, segment] = [distance, walked + along * length, at / 2];
    walked += length;
  }
  const chordsEach = path.kind === "linear" ? 1 : STEPS;
  return { distance: best, segment: Math.floor(segment / chordsEach), share: walked > 0 ? before / walked : 0 };
}

/**
 * The item whose place is nearest, if that is within its reach.
 *
 * @template T
 * @param {readonly T[]} items
 * @param {(item: T) => readonly [ImagePoint, number]} placeOf and how far it reaches
 * @param {ImagePoint} at
 * @returns {T | null}
 */
function nearest(items, placeOf, at) {
  /** @type {T | null} */
  let best = null;
  let least = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const [place, reach] = placeOf(item);
    const distance = away(place, at);
    if (distance <= reach && distance < least) [best, least] = [item, distance];
  }
  return best;
}

/**
 * @param {Pair} a
 * @param {Pair} b
 */
function away(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
