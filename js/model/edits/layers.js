/** Edits of the list of layers. Pure; layers that do not change keep their identity. */

import { MAX_LAYERS, makeLayer } from "../document.js";
import { changeLayers } from "../timeline_edits.js";
import { frozen } from "../values.js";
import { moveRegion } from "./regions.js";

/** @import { Layer, Motion, Pair, TrackDocument } from "../../types.js" */

export { changeLayers };

/** Pixels, right and down: a pasted or doubled layer does not hide what it was made of. */
const BESIDE = 16;

/**
 * Whether so many more layers would be too many.
 *
 * @param {TrackDocument} document
 * @param {number} [more]
 */
export function isFull(document, more = 1) {
  return document.layers.length + more > MAX_LAYERS;
}

/**
 * The document with layers put in, on top or where `at` says; the same document where they would be too many.
 *
 * @param {TrackDocument} document
 * @param {readonly Layer[]} layers
 * @param {number} [at]
 * @returns {TrackDocument}
 */
export function addLayers(document, layers, at = document.layers.length) {
  if (!layers.length || isFull(document, layers.length)) return document;
  return withLayers(document, [...document.layers.slice(0, at), ...layers, ...document.layers.slice(at)]);
}

/**
 * @param {TrackDocument} document
 * @param {readonly number[]} indices
 * @returns {TrackDocument}
 */
export function removeLayers(document, indices) {
  const gone = new Set(indices);
  const kept = document.layers.filter((_, index) => !gone.has(index));
  return kept.length === document.layers.length ? document : withLayers(document, kept);
}

/**
 * @param {TrackDocument} document
 * @param {number} index
 * @param {Partial<Layer>} some
 * @returns {TrackDocument}
 */
export function setLayer(document, index, some) {
  return changeLayers(document, [index], (layer) => ({ ...layer, ...some }));
}

/**
 * The layer with some of its motion changed.
 *
 * @param {Layer} layer
 * @param {Partial<Motion>} some
 * @returns {Layer}
 */
export function withMotion(layer, some) {
  return { ...layer, motion: { ...layer.motion, ...some } };
}

/**
 * Indices of the layers among `indices` that may be changed by hand.
 *
 * @param {TrackDocument} document
 * @param {readonly number[]} indices
 * @returns {number[]}
 */
export function unlocked(document, indices) {
  return indices.filter((index) => document.layers[index] && !document.layers[index].locked);
}

/**
 * The layers of a selection that move by a drag: unlocked; a camera only alone, because all others move with it anyway.
 *
 * @param {TrackDocument} document
 * @param {readonly number[]} indices
 * @returns {number[]}
 */
export function movable(document, indices) {
  const free = unlocked(document, indices);
  const things = free.filter((index) => document.layers[index].region.kind !== "frame");
  return things.length ? things : free.slice(-1);
}

/**
 * The layer and all others of its group, ascending.
 *
 * @param {TrackDocument} document
 * @param {number} index
 * @returns {number[]}
 */
export function groupOf(document, index) {
  const { group } = document.layers[index];
  if (!group) return [index];
  return [...document.layers.keys()].filter((other) => document.layers[other].group === group);
}

/**
 * @param {TrackDocument} document
 * @param {readonly number[]} indices
 * @returns {TrackDocument}
 */
export function groupLayers(document, indices) {
  if (indices.length < 2) return document;
  const group = freshGroup(new Set(document.layers.map((layer) => layer.group)));
  return changeLayers(document, indices, (layer) => ({ ...layer, group }));
}

/**
 * @param {TrackDocument} document
 * @param {readonly number[]} indices
 * @returns {TrackDocument}
 */
export function ungroupLayers(document, indices) {
  return changeLayers(document, indices, (layer) => (layer.group ? { ...layer, group: "" } : layer));
}

/**
 * Copies of layers, a bit to the side and in groups of their own, ready to be added.
 *
 * @param {TrackDocument} document
 * @param {readonly Layer[]} layers
 * @returns {Layer[]}
 */
export function copiesBeside(document, layers) {
  const taken = new Set(document.layers.map((layer) => layer.group));
  /** @type {Map<string, string>} */
  const groups = new Map([["", ""]]);
  return layers.map((layer) => {
    const group = groups.get(layer.group) ?? freshGroup(taken);
    groups.set(layer.group, group);
    taken.add(group);
    return frozen({ ...moveRegion(layer, /** @type {Pair} */ ([BESIDE, BESIDE])), group, locked: false });
  });
}

/**
 * The document with everything else pinned: a `rest` layer at the bottom, switched on; the same document where it has one.
 *
 * @param {TrackDocument} document
 * @returns {TrackDocument}
 */
export function pinRest(document) {
  const there = document.layers.findIndex((layer) => layer.region.kind === "rest");
  if (there < 0) return addLayers(document, [makeLayer({ region: { kind: "rest" } })], 0);
  return document.layers[there].enabled ? document : setLayer(document, there, { enabled: true });
}

/**
 * Index of the topmost camera that is on, or -1.
 *
 * @param {TrackDocument} document
 */
export function topmostCamera(document) {
  return document.layers.findLastIndex((layer) => layer.region.kind === "frame" && layer.enabled);
}

/**
 * @param {TrackDocument} document
 * @param {readonly Layer[]} layers
 * @returns {TrackDocument}
 */
function withLayers(document, layers) {
  return frozen({ ...document, layers: [...layers] });
}

/** @param {ReadonlySet<string>} taken */
function freshGroup(taken) {
  let number = 1;
  while (taken.has(`group ${number}`)) number += 1;
  return `group ${number}`;
}
