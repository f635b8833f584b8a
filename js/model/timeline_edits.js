/** Edits of when and in which order: timing, visible spans, depth. Pure; layers that do not change keep their identity. */

import { frozen } from "./values.js";

/** @import { Layer, Span, Timing, TrackDocument } from "../types.js" */

/** Clip progress: a motion shorter than this cannot be drawn by hand. */
export const SHORTEST = 0.001;

/**
 * The document with some layers changed; the same document where nothing was.
 *
 * @param {TrackDocument} document
 * @param {readonly number[]} indices
 * @param {(layer: Layer, index: number) => Layer} change
 * @returns {TrackDocument}
 */
export function changeLayers(document, indices, change) {
  const chosen = new Set(indices);
  const layers = document.layers.map((layer, index) => (chosen.has(index) ? change(layer, index) : layer));
  if (layers.every((layer, index) => layer === document.layers[index])) return document;
  return Object.freeze({ ...document, layers: Object.freeze(layers.map(frozen)) });
}

/**
 * The layer with another timing: never empty, one cycle where it plays once.
 *
 * @param {Layer} layer
 * @param {Partial<Timing>} some
 * @returns {Layer}
 */
export function setTiming(layer, some) {
  const timing = { ...layer.motion.timing, ...some };
  if (!(timing.start < timing.end)) return layer;
  if (timing.repeat === "hold") timing.cycles = 1;
  return { ...layer, motion: { ...layer.motion, timing } };
}

/**
 * The layer's motion with one edge at another clip progress; it stays at least `least` long.
 *
 * @param {Layer} layer
 * @param {"start" | "end"} edge
 * @param {number} at
 * @param {number} [least]
 * @returns {Layer}
 */
export function trimTiming(layer, edge, at, least = SHORTEST) {
  const { start, end } = layer.motion.timing;
  if (edge === "start") return setTiming(layer, { start: Math.max(0, Math.min(at, end - least)) });
  return setTiming(layer, { end: Math.min(1, Math.max(at, start + least)) });
}

/**
 * How far the motions of some layers can be shifted together, for a wish.
 *
 * @param {TrackDocument} document
 * @param {readonly number[]} indices
 * @param {number} by clip progress
 */
export function possibleShift(document, indices, by) {
  const timings = indices.map((index) => document.layers[index].motion.timing);
  const back = Math.min(...timings.map((timing) => timing.start));
  const ahead = Math.min(...timings.map((timing) => 1 - timing.end));
  return Math.max(-back, Math.min(ahead, by));
}

/**
 * The motions of some layers earlier or later, as far as the clip allows all of them, each as long as before.
 *
 * @param {TrackDocument} document
 * @param {readonly number[]} indices
 * @param {number} by clip progress
 * @param {(progress: number) => number} [settle] puts a moment that is a frame but for rounding onto it
 * @returns {TrackDocument}
 */
export function shiftTimings(document, indices, by, settle = (progress) => progress) {
  const shift = possibleShift(document, indices, by);
  return changeLayers(document, indices, (layer) => {
    const { start, end } = layer.motion.timing;
    return setTiming(layer, { start: Math.max(0, settle(start + shift)), end: Math.min(1, settle(end + shift)) });
  });
}

/**
 * The gaps between spans of visibility, in order.
 *
 * @param {readonly Span[]} visible
 * @returns {{ from: number, to: number, before: number, after: number }[]} `before` and `after` are the spans next to the gap,
 *   -1 = the clip's end
 */
export function hiddenSpans(visible) {
  const edges = [[-1, 0], ...visible.map((span, index) => [index, span[1]])];
  const gaps = edges.map(([before, from], position) => {
    const after = position < visible.length ? position : -1;
    return { from, to: after < 0 ? 1 : visible[after][0], before, after };
  });
  return gaps.filter(({ from, to }) => to > from);
}

/**
 * Spans with one edge elsewhere, stopped by its neighbours. Spans that touch become one.
 *
 * @param {readonly Span[]} visible
 * @param {number} index
 * @param {0 | 1} side of the span: 0 = where it appears, 1 = where it disappears
 * @param {number} at clip progress
 * @returns {readonly Span[]}
 */
export function moveSpanEdge(visible, index, side, at) {
  const [start, end] = visible[index];
  const low = side === 0 ? (index > 0 ? visible[index - 1][1] : 0) : start;
  const high = side === 1 ? (index + 1 < visible.length ? visible[index + 1][0] : 1) : end;
  const held = Math.max(low, Math.min(high, at));
  /** @type {Span} */
  const moved = side === 0 ? [held, end] : [start, held];
  return joined(visible.map((span, other) => (other === index ? moved : span)));
}

/**
 * Spans without what lies between two moments; these stay visible themselves.
 *
 * @param {readonly Span[]} visible
 * @param {number} from
 * @param {number} to
 * @returns {readonly Span[]}
 */
export function hideBetween(visible, from, to) {
  /** @type {Span[]} */
  const pieces = visible.flatMap(([start, end]) => [
    /** @type {Span} */ ([start, Math.min(end, from)]),
    /** @type {Span} */ ([Math.max(start, to), end]),
  ]);
  return pieces.filter(([start, end]) => start <= end);
}

/**
 * Spans with the gap around a moment closed.
 *
 * @param {readonly Span[]} visible
 * @param {number} at clip progress
 * @returns {readonly Span[]}
 */
export function showAround(visible, at) {
  const gap = hiddenSpans(visible).find(({ from, to }) => from <= at && at <= to);
  if (!gap) return visible;
  const all = [...visible, /** @type {Span} */ ([gap.from, gap.to])];
  return joined(all.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
}

/**
 * Layers taken out and put back as one block below the layer that is at `to` now (`to` = how many there are: on top).
 *
 * @param {TrackDocument} document
 * @param {readonly number[]} indices ascending
 * @param {number} to
 * @returns {{ document: TrackDocument, indices: readonly number[] }} and where they are now
 */
export function moveLayers(document, indices, to) {
  const chosen = new Set(indices);
  const order = [...document.layers.keys()];
  const below = order.filter((index) => index < to && !chosen.has(index));
  const above = order.filter((index) => index >= to && !chosen.has(index));
  const block = order.filter((index) => chosen.has(index));
  const after = [...below, ...block, ...above];
  const places = block.map((_, offset) => below.length + offset);
  if (after.every((index, place) => index === place)) return { document, indices: places };
  const layers = Object.freeze(after.map((index) => document.layers[index]));
  return { document: Object.freeze({ ...document, layers }), indices: places };
}

/**
 * @param {readonly Span[]} spans in order
 * @returns {readonly Span[]}
 */
function joined(spans) {
  /** @type {Span[]} */
  const out = [];
  for (const [start, end] of spans) {
    const last = out.at(-1);
    if (last && start <= last[1]) out[out.length - 1] = [last[0], Math.max(last[1], end)];
    else out.push([start, end]);
  }
  return out;
}
