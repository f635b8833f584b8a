/** Edits of when a layer is seen. */

import { MAX_SPANS } from "../document.js";

/** @import { Layer, Span } from "../../types.js" */
/** @import { Moment } from "./moments.js" */

/**
 * Hides the layer from the moment's frame to where it next changes, or shows it from there if it is hidden.
 *
 * @param {Layer} layer
 * @param {Moment} moment
 * @returns {Layer}
 */
export function toggleVisible(layer, { progress, length }) {
  const last = Math.max(length - 1, 1);
  const frame = Math.round(progress * (length - 1));
  const at = frame / last;
  // Ends of spans belong to them, so a change lies halfway between two frames.
  const edge = frame > 0 ? (frame - 0.5) / last : 0;
  const isSeen = layer.visible.some(([from, to]) => from <= at && at <= to);
  const visible = isSeen ? hiddenFrom(layer.visible, at, edge) : shownFrom(layer.visible, at, edge);
  return visible.length > MAX_SPANS ? layer : { ...layer, visible };
}

/**
 * @param {readonly Span[]} spans
 * @param {number} at
 * @param {number} edge
 * @returns {readonly Span[]}
 */
function hiddenFrom(spans, at, edge) {
  return spans.flatMap(([from, to]) => {
    if (at < from || to < at) return [/** @type {Span} */ ([from, to])];
    return from < edge ? [/** @type {Span} */ ([from, edge])] : [];
  });
}

/**
 * @param {readonly Span[]} spans
 * @param {number} at
 * @param {number} edge
 * @returns {readonly Span[]}
 */
function shownFrom(spans, at, edge) {
  const next = spans.find(([from]) => from > at)?.[0] ?? 1;
  const all = [...spans, /** @type {Span} */ ([edge, next])].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  /** @type {Span[]} */
  const joined = [];
  for (const [from, to] of all) {
    const last = joined.at(-1);
    if (last && from <= last[1]) joined[joined.length - 1] = [last[0], Math.max(last[1], to)];
    else joined.push([from, to]);
  }
  return joined;
}
