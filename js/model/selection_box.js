/** The box around what is selected at a moment, and the handles on it. */

import { boxedLayers } from "./boxed_layers.js";
import { anchorPlace, isStart } from "./edits/moments.js";
import { affineAt, applyAffine, cameraAt } from "./motion.js";
import { bounds } from "./shapes.js";

/** @import { Affine, Box, EditorState, Handle, ImagePoint, Layer, Pair } from "../types.js" */
/**
 * What of the editor's state decides what lies where. Frames of the clip say which moment is the first.
 * @typedef {Pick<EditorState, "document" | "selection" | "viewport" | "progress" | "tool"> & { readonly clip?: { readonly length: number } }} HitContext
 */
/** Corners clockwise from the top left. @typedef {readonly [ImagePoint, ImagePoint, ImagePoint, ImagePoint]} Corners */

/** CSS pixels. */
const SMALLEST = 32;
const SIDES_FROM = 40;
const STALK = 26;
const RADIUS_FROM = 24;

/** Frames that are taken for the clip's where nothing says how many it has. */
const MANY = 4096;

/**
 * @param {HitContext} context
 * @returns {import("./edits/moments.js").Moment}
 */
export function momentOf({ progress, clip }) {
  return { progress, length: clip?.length ?? MANY };
}

/**
 * Corners of the box around the selected layers at this moment, of the picture with the camera tool; of one layer it turns with
 * it. Null where there is nothing to take hold of: single points, or what cannot be changed at this moment.
 *
 * @param {HitContext} context
 * @returns {Corners | null}
 */
export function selectionCorners(context) {
  const { document, progress } = context;
  const indices = boxedLayers(context);
  if (context.tool === "camera" && !indices.length) {
    return cornersOf([0, 0, document.width, document.height], cameraAt(document, progress));
  }
  const boxes = indices.map((index) => layerCorners(context, document.layers[index]));
  if (!boxes.length) return null;
  const corners = boxes.length === 1 ? boxes[0] : around(boxes.flat());
  return distance(corners[0], corners[2]) > 1e-6 ? corners : null;
}

/**
 * Handles of the selection's box: four corners, sides where there is room, a stalk to turn it by, the anchor of a layer that
 * turns or grows, and the radius of a disc at the start.
 *
 * @param {HitContext} context
 * @returns {{ readonly handle: Handle, readonly at: ImagePoint }[]}
 */
export function handlesOf(context) {
  const corners = selectionCorners(context);
  if (!corners) return [];
  const { scale } = context.viewport;
  const roomy = withRoom(corners, SMALLEST / scale);
  return [...scaleHandles(roomy, SIDES_FROM / scale), rotateHandle(roomy, STALK / scale), ...ownHandles(context)];
}

/**
 * A layer's box where it is shown at this moment.
 *
 * @param {HitContext} context
 * @param {Layer} layer
 * @returns {Corners}
 */
export function layerCorners({ document, progress }, layer) {
  return cornersOf(bounds(layer.region, document.width, document.height), affineAt(document, layer, progress));
}

/**
 * The upright box around places.
 *
 * @param {readonly ImagePoint[]} places
 * @returns {Box}
 */
export function boxAround(places) {
  const [xs, ys] = [places.map((place) => place[0]), places.map((place) => place[1])];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/**
 * @param {HitContext} context
 * @returns {{ handle: Handle, at: ImagePoint }[]}
 */
function ownHandles(context) {
  const [index, ...others] = boxedLayers(context);
  const layer = context.document.layers[index];
  if (!layer || others.length) return [];
  const { region, motion } = layer;
  /** @type {{ handle: Handle, at: ImagePoint }[]} */
  const handles = [];
  if (region.kind === "disc" && region.radius * context.viewport.scale >= RADIUS_FROM && isStart(momentOf(context))) {
    const away = region.radius * Math.SQRT1_2;
    handles.push({ handle: { kind: "radius" }, at: [region.centre[0] + away, region.centre[1] - away] });
  }
  if (motion.anchor || motion.rotation.length || motion.scale.length || motion.components.length) {
    handles.push({ handle: { kind: "anchor" }, at: anchorPlace(context.document, layer, context.progress) });
  }
  return handles;
}

/**
 * @param {Box} box
 * @param {Affine} affine
 * @returns {Corners}
 */
function cornersOf([left, top, right, bottom], affine) {
  return [
    applyAffine(affine, left, top),
    applyAffine(affine, right, top),
    applyAffine(affine, right, bottom),
    applyAffine(affine, left, bottom),
  ];
}

/**
 * @param {readonly ImagePoint[]} places
 * @returns {Corners}
 */
function around(places) {
  return cornersOf(boxAround(places), [1, 0, 0, 0, 1, 0]);
}

/**
 * Pushed apart where the handles of a small box would cover it.
 *
 * @param {Corners} corners
 * @param {number} smallest
 * @returns {Corners}
 */
function withRoom(corners, smallest) {
  const [northwest, northeast, southeast, southwest] = corners;
  const across = direction(northwest, northeast, [1, 0]);
  const down = direction(northwest, southwest, [0, 1]);
  const wider = Math.max(0, (smallest - distance(northwest, northeast)) / 2);
  const higher = Math.max(0, (smallest - distance(northwest, southwest)) / 2);
  if (!wider && !higher) return corners;
  /** @type {(at: ImagePoint, right: 1 | -1, below: 1 | -1) => ImagePoint} */
  const pushed = ([x, y], right, below) => [
    x + across[0] * wider * right + down[0] * higher * below,
    y + across[1] * wider * right + down[1] * higher * below,
  ];
  return [pushed(northwest, -1, -1), pushed(northeast, 1, -1), pushed(southeast, 1, 1), pushed(southwest, -1, 1)];
}

/**
 * Corners are 0, 2, 4 and 6 clockwise from the top left, sides lie between them.
 *
 * @param {Corners} corners
 * @param {number} room that a side needs for a handle
 * @returns {{ handle: Handle, at: ImagePoint }[]}
 */
function scaleHandles(corners, room) {
  return corners.flatMap((corner, turn) => {
    const next = corners[(turn + 1) % 4];
    const at = { handle: scaleHandle(2 * turn), at: corner };
    return distance(corner, next) < room ? [at] : [at, { handle: scaleHandle(2 * turn + 1), at: middle(corner, next) }];
  });
}

/**
 * @param {number} corner
 * @returns {Handle}
 */
function scaleHandle(corner) {
  return { kind: "scale", corner: /** @type {0 | 1 | 2 | 3 | 4 | 5 | 6 | 7} */ (corner) };
}

/**
 * @param {Corners} corners
 * @param {number} stalk
 * @returns {{ handle: Handle, at: ImagePoint }}
 */
function rotateHandle([northwest, northeast, , southwest], stalk) {
  const [x, y] = middle(northwest, northeast);
  const up = direction(southwest, northwest, [0, -1]);
  return { handle: { kind: "rotate" }, at: [x + up[0] * stalk, y + up[1] * stalk] };
}

/**
 * @param {ImagePoint} from
 * @param {ImagePoint} to
 * @param {Pair} otherwise
 * @returns {Pair} of length 1
 */
function direction(from, to, otherwise) {
  const length = distance(from, to);
  return length > 1e-9 ? [(to[0] - from[0]) / length, (to[1] - from[1]) / length] : otherwise;
}

/**
 * @param {ImagePoint} a
 * @param {ImagePoint} b
 */
function distance(a, b) {
  return Math.hypot(b[0] - a[0], b[1] - a[1]);
}

/**
 * @param {ImagePoint} a
 * @param {ImagePoint} b
 * @returns {ImagePoint}
 */
function middle(a, b) {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}
