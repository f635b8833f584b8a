/** What the warp preview shows at a moment: the background, what has left its place in it, and the cutouts over it. */

import { affineAt, hasRipple, IDENTITY } from "../../model/motion.js";
import { inDepthOrder } from "../../model/regions.js";
import { bounds } from "../../model/shapes.js";
import { isSeen, moves } from "../draw/scene.js";
import { pullsOf } from "./ground.js";

/** @import { Affine, Box, Layer, Region, TrackDocument } from "../../types.js" */
/** @import { Pull } from "./ground.js" */

/**
 * The part of the picture that a layer takes along.
 *
 * @typedef {object} Cut
 * @property {Layer} layer
 * @property {Region} region
 * @property {readonly Region[]} above regions that take their part of it first
 * @property {Box} box of whole reference pixels around the region
 */

/**
 * @typedef {Cut & { affine: Affine, ripples: boolean, seen: boolean, left: number }} ShownCut
 * `left` is how far it has left its hole, 0 ... 1.
 */

/**
 * @typedef {object} WarpScene
 * @property {TrackDocument} document
 * @property {number} width of the reference picture
 * @property {number} height
 * @property {number} progress
 * @property {boolean} still everything is where the picture shows it
 * @property {{ layer: Layer | null, affine: Affine, pulls: readonly Pull[], progress: number, ripples: boolean }} ground
 * @property {readonly ShownCut[]} cuts bottom to top
 * @property {readonly Cut[]} holes what moves at any time: the background is filled there once
 */

/** As in wanmove_core/rendering/cutouts.py: px of motion over which a hole turns from the picture into what was filled in. */
const LEAVING = 3;
const RIM = 4;

/**
 * @param {TrackDocument} document
 * @param {number} progress
 * @returns {WarpScene}
 */
export function buildWarpScene(document, progress) {
  const { width, height } = document;
  const order = inDepthOrder(document).map((index) => document.layers[index]);
  const layer = order.findLast(({ region }) => region.kind === "rest" || region.kind === "frame") ?? null;
  const affine = layer ? affineAt(document, layer, progress) : IDENTITY;
  const still = progress === 0 || !order.some((one) => moves(one) || !isSeen(one, progress));
  const pulls = still ? [] : pullsOf(document, progress);
  const ground = { layer, affine, pulls, progress, ripples: !still && layer !== null && hasRipple(layer) };
  const cuts = still ? [] : cutsOf(document, order).map((cut) => show(document, cut, affine, progress));
  return {
    document,
    width,
    height,
    progress,
    still,
    ground,
    cuts,
    holes: cuts.filter(({ layer: one }) => leaves(document, one)),
  };
}

/**
 * The layers that are areas of their own, bottom to top.
 *
 * @param {TrackDocument} document
 * @param {readonly Layer[]} order
 * @returns {readonly Cut[]}
 */
function cutsOf({ width, height }, order) {
  const areas = order.filter(({ region: { kind } }) => kind !== "point" && kind !== "rest" && kind !== "frame");
  return areas.flatMap((layer, index) => {
    const box = wholeBox(bounds(layer.region, width, height), width, height);
    if (box[2] <= box[0] || box[3] <= box[1]) return [];
    return [{ layer, region: layer.region, above: areas.slice(index + 1).map((other) => other.region), box }];
  });
}

/**
 * @param {TrackDocument} document
 * @param {Cut} cut
 * @param {Affine} ground
 * @param {number} progress
 * @returns {ShownCut}
 */
function show(document, cut, ground, progress) {
  const affine = affineAt(document, cut.layer, progress);
  const ripples = hasRipple(cut.layer);
  const seen = isSeen(cut.layer, progress);
  const left = ripples || !seen ? 1 : Math.min(farthest(affine, ground, cut.box) / LEAVING, 1);
  return { ...cut, affine, ripples, seen, left: left < 0.01 ? 0 : Math.ceil(left * 4) / 4 };
}

/**
 * Whether a layer ever stands elsewhere than the background under it. A still one does when the background moves.
 *
 * @param {TrackDocument} document
 * @param {Layer} layer
 */
function leaves(document, layer) {
  if (moves(layer) || !isAlwaysSeen(layer)) return true;
  return document.layers.some((other) => other.enabled && other.region.kind === "rest" && moves(other));
}

/** @param {Layer} layer */
function isAlwaysSeen({ visible }) {
  return visible.length === 1 && visible[0][0] <= 0 && visible[0][1] >= 1;
}

/**
 * @param {Affine} one
 * @param {Affine} other
 * @param {Box} box
 */
function farthest(one, other, [left, top, right, bottom]) {
  const [a, b, x, c, d, y] = one.map((value, index) => value - other[index]);
  const corners = [left, right].flatMap((across) => [top, bottom].map((down) => [across, down]));
  return Math.max(...corners.map(([across, down]) => Math.hypot(a * across + b * down + x, c * across + d * down + y)));
}

/**
 * @param {Box} box
 * @param {number} width
 * @param {number} height
 * @returns {Box}
 */
function wholeBox([left, top, right, bottom], width, height) {
  return [
    Math.max(Math.floor(left) - RIM, 0),
    Math.max(Math.floor(top) - RIM, 0),
    Math.min(Math.ceil(right) + RIM, width),
    Math.min(Math.ceil(bottom) + RIM, height),
  ];
}
