/** What is selected, kept true to a document. */

import { regionPoints } from "./edits/outlines.js";

/** @import { Layer, Selection, TrackDocument } from "../types.js" */

/** @type {Selection} */
export const NOTHING_SELECTED = Object.freeze({ layers: Object.freeze([]), points: Object.freeze([]), key: null });

/**
 * Whole layers, as the selection.
 *
 * @param {readonly number[]} layers
 * @returns {Selection}
 */
export function selectLayers(layers) {
  return layers.length ? { layers: ascending(layers), points: [], key: null } : NOTHING_SELECTED;
}

/**
 * The selection without what the document does not have: ascending, each index once, points only of a single layer.
 *
 * @param {TrackDocument} document
 * @param {Selection} selection
 * @returns {Selection}
 */
export function normaliseSelection(document, selection) {
  const layers = ascending(selection.layers.filter((index) => document.layers[index]));
  const only = layers.length === 1 ? document.layers[layers[0]] : null;
  const count = only?.motion.path?.points.length ?? 0;
  const points = ascending(selection.points.filter((index) => index >= 0 && index < count));
  const key = selection.key && hasKey(document.layers[selection.key.layer], selection.key) ? selection.key : null;
  const corners = only ? ascending((selection.regionPoints ?? []).filter((index) => regionPoints(only.region)[index])) : [];
  const sameCorners = alike(corners, selection.regionPoints ?? []);
  const same = key === selection.key && alike(layers, selection.layers) && alike(points, selection.points) && sameCorners;
  return same ? selection : { layers, points, key, ...(corners.length && { regionPoints: corners }) };
}

/**
 * The index of the only selected layer, or -1.
 *
 * @param {Selection} selection
 */
export function onlyLayer(selection) {
  return selection.layers.length === 1 ? selection.layers[0] : -1;
}

/**
 * @param {Layer | undefined} layer
 * @param {NonNullable<Selection["key"]>} key
 */
function hasKey(layer, key) {
  if (!layer) return false;
  const rows = key.track === "path" ? (layer.motion.path?.points ?? []) : layer.motion[key.track];
  return key.index >= 0 && key.index < rows.length;
}

/** @param {readonly number[]} indices */
function ascending(indices) {
  return [...new Set(indices)].sort((a, b) => a - b);
}

/**
 * @param {readonly number[]} a
 * @param {readonly number[]} b
 */
function alike(a, b) {
  return a.length === b.length && a.every((index, place) => index === b[place]);
}
