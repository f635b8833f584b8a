/** Lines and marks that can be read over bright and dark pictures: light on a dark casing. Places in CSS pixels of the stage. */

import { INK } from "./palette.js";

/** @import { Affine, Viewport } from "../../types.js" */

/**
 * Strokes what has been traced: a dark casing, then the line.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} colour
 * @param {number} width in units of the context
 * @param {number} casing by how much the casing is wider, all in all
 */
export function strokeCased(context, colour, width, casing = 2) {
  context.lineWidth = width + casing;
  context.strokeStyle = INK;
  context.stroke();
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {string} fill
 * @param {string} [rim]
 */
export function drawDot(context, x, y, radius, fill, rim = INK) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = rim;
  context.stroke();
}

/**
 * A small square: a handle or a control point.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} side
 * @param {string} fill
 * @param {string} rim
 */
export function drawSquare(context, x, y, side, fill, rim) {
  context.fillStyle = INK;
  context.fillRect(x - side / 2 - 2, y - side / 2 - 2, side + 4, side + 4);
  context.fillStyle = rim;
  context.fillRect(x - side / 2 - 1, y - side / 2 - 1, side + 2, side + 2);
  context.fillStyle = fill;
  context.fillRect(x - side / 2, y - side / 2, side, side);
}

/**
 * Light letters on a dark plate whose lower left corner is given.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 */
export function drawPlate(context, text, x, y) {
  drawBoard(context, x, y, widthOf(context, text) + 16);
  context.fillText(text, x + 8, y - 11.5);
}

/**
 * The dark plate by itself; letters are light then.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} across
 */
export function drawBoard(context, x, y, across) {
  context.fillStyle = "rgba(12, 14, 18, 0.82)";
  context.beginPath();
  context.roundRect(x, y - 24, across, 24, 6);
  context.fill();
  context.fillStyle = "#f2f3f5";
}

/**
 * How wide a line of a plate is; sets its letters.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 */
export function widthOf(context, text) {
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  return context.measureText(text).width;
}

/**
 * Runs `draw` with the context's units set to reference pixels as an affine and the view have them.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Viewport} viewport
 * @param {Affine} affine
 * @param {() => void} draw
 */
export function inPicture(context, { scale, x, y }, [a, b, left, c, d, top], draw) {
  context.save();
  context.transform(scale * a, scale * c, scale * b, scale * d, scale * left + x, scale * top + y);
  draw();
  context.restore();
}
