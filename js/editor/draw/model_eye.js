/** The model's-eye view: blocks of the start picture where the edit puts them, grey where the model is left alone. */

import { LATENT_EVERY } from "./dots.js";
import { drawFigure, percent, windowOf } from "./heat.js";

/** @import { CellEdit, Texts } from "../../types.js" */
/** @import { Scene } from "./scene.js" */

const GREY = 0xff808080;
/** A larger video is shown with smaller blocks. */
const MOST_PIXELS = 2_000_000;

/**
 * @typedef {object} ModelSheet
 * @property {HTMLCanvasElement} shown
 * @property {HTMLCanvasElement} start the start picture at the video's size
 * @property {unknown[]} made of what the two are
 * @property {Uint32Array} pixels of the start
 */

/** @returns {ModelSheet} */
export function createModelSheet() {
  return {
    shown: document.createElement("canvas"),
    start: document.createElement("canvas"),
    made: [],
    pixels: new Uint32Array(0),
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {ModelSheet} sheet
 * @param {Texts} texts
 */
export function drawModelEye(context, scene, sheet, texts) {
  const { document, clip, viewport, progress } = scene.state;
  const { cells } = scene.settled();
  const [left, top, right, bottom] = windowOf(document, clip);
  const latent = latentFrameAt(progress, clip.length);
  context.save();
  context.translate(viewport.x, viewport.y);
  context.scale(viewport.scale, viewport.scale);
  if (cells && scene.picture) {
    paint(sheet, scene, cells, Math.min(latent, cells.latentFrames - 1));
    context.imageSmoothingEnabled = viewport.scale * (document.width / clip.width) < 2;
    context.drawImage(sheet.shown, left, top, right - left, bottom - top);
  } else {
    context.fillStyle = "#808080";
    context.fillRect(left, top, right - left, bottom - top);
  }
  context.restore();
  const guided = cells ? ownedCells(cells, latent) : 0;
  const count = cells ? cells.columns * cells.rows : 0;
  const values = { frame: latent, guided, cells: count, percent: percent(guided, count) };
  drawFigure(context, scene, latent === 0 ? texts("stage.model-start") : texts("stage.model", values));
}

/**
 * The latent frame that a moment of the clip belongs to: 0 is the first frame alone, each later one ends with a fourth frame.
 *
 * @param {number} progress
 * @param {number} length frames
 */
export function latentFrameAt(progress, length) {
  return Math.ceil(Math.round(progress * Math.max(length - 1, 0)) / LATENT_EVERY);
}

/**
 * The picture that the edit makes of a start picture, one number a pixel. At latent frame 0 that is the start picture itself.
 *
 * @param {Uint32Array} start [rows * side, columns * side]
 * @param {CellEdit} edit
 * @param {number} latent
 * @param {number} side pixels of a cell
 */
export function modelPixels(start, edit, latent, side) {
  if (latent === 0) return start;
  const { columns, rows, owner, source } = edit;
  const across = columns * side;
  const pixels = new Uint32Array(start.length).fill(GREY);
  const first = latent * columns * rows;
  for (let cell = 0; cell < columns * rows; cell++) {
    const from = owner[first + cell] >= 0 ? source[owner[first + cell]] : -1;
    if (from < 0) continue;
    const target = Math.floor(cell / columns) * side * across + (cell % columns) * side;
    const origin = Math.floor(from / columns) * side * across + (from % columns) * side;
    for (let row = 0; row < side; row++) {
      const at = origin + row * across;
      pixels.set(start.subarray(at, at + side), target + row * across);
    }
  }
  return pixels;
}

/**
 * How many cells a track owns in a latent frame.
 *
 * @param {CellEdit} edit
 * @param {number} latent
 */
export function ownedCells({ owner, columns, rows, latentFrames }, latent) {
  const first = Math.min(latent, latentFrames - 1) * columns * rows;
  let count = 0;
  for (let cell = 0; cell < columns * rows; cell++) if (owner[first + cell] >= 0) count++;
  return count;
}

/**
 * @param {ModelSheet} sheet
 * @param {Scene} scene
 * @param {CellEdit} edit
 * @param {number} latent
 */
function paint(sheet, scene, edit, latent) {
  const side = edit.columns * edit.rows * 64 > MOST_PIXELS ? 4 : 8;
  const [width, height] = [edit.columns * side, edit.rows * side];
  const { document, clip } = scene.state;
  if (differs(sheet.made, 0, [scene.picture, document.width, document.height, clip, side]))
    takeStart(sheet, scene, width, height);
  if (!differs(sheet.made, 5, [edit, latent])) return;
  [sheet.shown.width, sheet.shown.height] = [width, height];
  const pixels = modelPixels(sheet.pixels, edit, latent, side);
  const image = new ImageData(new Uint8ClampedArray(pixels.slice().buffer), width, height);
  sheet.shown.getContext("2d")?.putImageData(image, 0, 0);
}

/**
 * @param {ModelSheet} sheet
 * @param {Scene} scene
 * @param {number} width
 * @param {number} height
 */
function takeStart(sheet, { picture, state }, width, height) {
  const { document, clip } = state;
  [sheet.start.width, sheet.start.height] = [width, height];
  const context = sheet.start.getContext("2d", { willReadFrequently: true });
  if (!context || !picture) return;
  const [left, top, right, bottom] = windowOf(document, clip);
  const [across, down] = [width / (right - left), height / (bottom - top)];
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, -left * across, -top * down, document.width * across, document.height * down);
  sheet.pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  sheet.made.length = 5;
}

/**
 * Whether what something was made of has changed; remembers it as it is now.
 *
 * @param {unknown[]} made
 * @param {number} from
 * @param {readonly unknown[]} now
 */
function differs(made, from, now) {
  const same = now.every((value, index) => made[from + index] === value);
  now.forEach((value, index) => {
    made[from + index] = value;
  });
  return !same;
}
