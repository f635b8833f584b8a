/** Edits of the single places that an outline or a brush stroke is made of. */

import { POINT_LIMIT } from "../readers.js";
import { tidyPair } from "../tidy.js";
import { isPlace } from "./regions.js";

/** @import { ImagePoint, Layer, Pair, Region } from "../../types.js" */

/** An outline has at least so many corners, a stroke so many points. */
const FEWEST = { polygon: 3, brush: 1 };

/**
 * Places of a region that can be dragged one by one: corners of an outline, points of a stroke.
 *
 * @param {Region} region
 * @returns {readonly Pair[]}
 */
export function regionPoints(region) {
  return region.kind === "polygon" || region.kind === "brush" ? region.points : [];
}

/**
 * Some places of a region moved; unchanged where one would leave what a document can hold.
 *
 * @param {Layer} layer
 * @param {readonly number[]} indices
 * @param {Pair} by pixels
 * @returns {Layer}
 */
export function moveRegionPoints(layer, indices, [across, down]) {
  const chosen = new Set(indices);
  const points = regionPoints(layer.region).map(([x, y], index) =>
    chosen.has(index) ? tidyPair([x + across, y + down]) : /** @type {Pair} */ ([x, y]),
  );
  return points.flat().every(isPlace) ? withPoints(layer, points) : layer;
}

/**
 * The layer without some places of its region; the same layer where too few would be left.
 *
 * @param {Layer} layer
 * @param {readonly number[]} indices
 * @returns {Layer}
 */
export function removeRegionPoints(layer, indices) {
  const { region } = layer;
  if (region.kind !== "polygon" && region.kind !== "brush") return layer;
  const points = region.points.filter((_, index) => !indices.includes(index));
  return points.length < FEWEST[region.kind] ? layer : withPoints(layer, points);
}

/**
 * The layer with one more place on an edge of its region, whose shape stays.
 *
 * @param {Layer} layer
 * @param {ImagePoint} near
 * @returns {{ layer: Layer, index: number }} and which place it is; -1 = there is no edge, or no room
 */
export function insertRegionPoint(layer, near) {
  const edge = nearestEdge(layer.region, near);
  const points = regionPoints(layer.region);
  if (!edge || points.length >= POINT_LIMIT) return { layer, index: -1 };
  const index = edge.index + 1;
  return { layer: withPoints(layer, [...points.slice(0, index), tidyPair(edge.place), ...points.slice(index)]), index };
}

/**
 * The edge of an outline or stroke that is nearest to a place: after which of its points it begins, where it is nearest, and how
 * far away. Null for other regions and single points.
 *
 * @param {Region} region
 * @param {ImagePoint} at
 * @returns {{ index: number, place: Pair, distance: number } | null}
 */
export function nearestEdge(region, at) {
  const points = regionPoints(region);
  const edges = region.kind === "polygon" ? points.length : points.length - 1;
  /** @type {{ index: number, place: Pair, distance: number } | null} */
  let best = null;
  for (let index = 0; index < edges; index += 1) {
    const place = nearestBetween(points[index], points[(index + 1) % points.length], at);
    const distance = Math.hypot(place[0] - at[0], place[1] - at[1]);
    if (!best || distance < best.distance) best = { index, place, distance };
  }
  return best;
}

/**
 * @param {Pair} from
 * @param {Pair} to
 * @param {ImagePoint} at
 * @returns {Pair}
 */
function nearestBetween([x, y], to, at) {
  const [across, down] = [to[0] - x, to[1] - y];
  const squared = across * across + down * down;
  const along = squared > 0 ? Math.max(0, Math.min(1, ((at[0] - x) * across + (at[1] - y) * down) / squared)) : 0;
  return [x + along * across, y + along * down];
}

/**
 * @param {Layer} layer
 * @param {readonly Pair[]} points
 * @returns {Layer}
 */
function withPoints(layer, points) {
  const { region } = layer;
  return region.kind === "polygon" || region.kind === "brush" ? { ...layer, region: { ...region, points } } : layer;
}
