/** What is to be seen on the stage at a moment, worked out of the editor's state. */

import { affineAt } from "../../model/motion.js";
import { colourOf } from "./palette.js";

/** @import { Affine, Derived, EditorState, Layer, Pair } from "../../types.js" */

/**
 * A layer at the playhead.
 *
 * @typedef {object} ShownLayer
 * @property {Layer} layer
 * @property {number} index
 * @property {string} colour
 * @property {Affine} affine start picture to now, camera included
 * @property {boolean} selected
 * @property {boolean} hovered
 * @property {boolean} seen false outside its visible spans
 */

/**
 * @typedef {object} Scene
 * @property {EditorState} state
 * @property {readonly ShownLayer[]} layers as in the document
 * @property {number} ratio device pixels a CSS pixel
 * @property {string} ground the stage's colour
 * @property {ImageBitmap | HTMLImageElement | HTMLCanvasElement | null} picture
 * @property {() => Derived} settled of the last committed document: nothing is baked while something is dragged
 */

/**
 * @param {EditorState} state
 * @param {Pick<Scene, "ratio" | "ground" | "picture" | "settled">} surroundings
 * @param {boolean} pointed the pointer is over the stage
 * @returns {Scene}
 */
export function buildScene(state, surroundings, pointed) {
  const { document, progress, selection, hover } = state;
  const hovered = pointed && "layer" in hover ? hover.layer : -1;
  const layers = document.layers.map((layer, index) => ({
    layer,
    index,
    colour: colourOf(layer, index),
    affine: affineAt(document, layer, progress),
    selected: selection.layers.includes(index),
    hovered: index === hovered && state.gesture.kind === "none",
    seen: isSeen(layer, progress),
  }));
  return { state, layers, ...surroundings };
}

/**
 * Whether a moment lies in one of the layer's visible spans, ends included.
 *
 * @param {Layer} layer
 * @param {number} progress
 */
export function isSeen(layer, progress) {
  return layer.visible.some(([from, to]) => from <= progress && progress <= to);
}

/**
 * Whether a layer has a motion of its own.
 *
 * @param {Layer} layer
 */
export function moves({ motion }) {
  return motion.path !== null || motion.rotation.length > 0 || motion.scale.length > 0 || motion.components.length > 0;
}

/**
 * How much larger an affine makes things; those of layers turn and grow alike in both directions.
 *
 * @param {Affine} affine
 */
export function growthOf([a, b, , c, d]) {
  return Math.sqrt(Math.abs(a * d - b * c));
}

/**
 * @param {Affine} affine
 * @param {number} x
 * @param {number} y
 * @returns {Pair}
 */
export function placeOf([a, b, left, c, d, top], x, y) {
  return [a * x + b * y + left, c * x + d * y + top];
}
