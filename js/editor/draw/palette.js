/** Colours of what is drawn over the picture. */

/** @import { Layer } from "../../types.js" */

/** The same hues, in the same order, as Python draws tracks with (wanmove_core/rendering/overlay.py). */
const PALETTE = ["#40c8ff", "#ffaa28", "#8ce65a", "#ff6ebe", "#b48cff", "#ffeb5a", "#5aebc8", "#ff785a"];

export const INK = "rgba(12, 14, 18, 0.8)";
export const PAPER = "#fafafa";
export const START = "#3ddc6b";
/** What is selected, and what it is held by. */
export const ACCENT = "#4aa8ff";
export const DANGER = "#ff5a6a";

/**
 * The layer's own colour; a layer without one has the palette's by its place in the document.
 *
 * @param {Layer} layer
 * @param {number} index
 */
export function colourOf(layer, index) {
  return layer.colour || PALETTE[index % PALETTE.length];
}

/**
 * A "#rrggbb" colour with an opacity.
 *
 * @param {string} colour
 * @param {number} alpha
 */
export function faint(colour, alpha) {
  const byte = Math.round(Math.min(Math.max(alpha, 0), 1) * 255);
  return colour + byte.toString(16).padStart(2, "0");
}
