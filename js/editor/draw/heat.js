/** The coverage heat map: how many latent frames guide each cell. */

import { makeFit } from "../../model/sampling.js";
import { drawBoard, drawPlate, widthOf } from "./ink.js";

/** @import { Clip, Coverage, Texts, TrackDocument, Box } from "../../types.js" */
/** @import { Scene } from "./scene.js" */

/** From a few latent frames to all of them, as [red, green, blue]: violet, blue, teal, green (like "viridis"). */
const RAMP = [
  [96, 24, 130],
  [64, 84, 190],
  [20, 150, 170],
  [48, 205, 120],
];
/** A cell that is never guided, RGBA. */
const BARE = [10, 10, 14, 150];
const OPACITY = 110;
/** CSS pixels: what the picture must measure to have room for the legend, and the legend's colours. */
const LEGEND_NEEDS = 560;
const RAMP_ACROSS = 96;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {HTMLCanvasElement} sheet a pixel a cell, painted here
 * @param {Texts} texts
 */
export function drawHeat(context, scene, sheet, texts) {
  const { cells, coverage } = scene.settled();
  if (!cells || !coverage) return;
  paintCells(sheet, coverage, cells);
  const { document, clip, viewport } = scene.state;
  const [left, top, right, bottom] = windowOf(document, clip);
  context.save();
  context.imageSmoothingEnabled = false;
  context.setTransform(
    context.getTransform().multiply(new DOMMatrix([viewport.scale, 0, 0, viewport.scale, viewport.x, viewport.y])),
  );
  context.drawImage(sheet, left, top, right - left, bottom - top);
  context.restore();
  drawFigure(context, scene, texts("stage.coverage", { percent: percent(coverage.guided, coverage.cells) }));
  drawLegend(context, scene, texts);
}

/**
 * What the colours mean, at the lower right of what is seen of the picture.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {Texts} texts
 */
function drawLegend(context, { state }, texts) {
  const { viewport, document, stage } = state;
  const right = Math.min(viewport.x + document.width * viewport.scale, stage[0]) - 8;
  const bottom = Math.min(viewport.y + document.height * viewport.scale, stage[1]) - 8;
  if (right - Math.max(viewport.x, 0) < LEGEND_NEEDS) return;
  const [few, all] = [texts("stage.coverage.few"), texts("stage.coverage.all")];
  const [fewAcross, allAcross] = [widthOf(context, few), widthOf(context, all)];
  const left = right - fewAcross - RAMP_ACROSS - allAcross - 32;
  drawBoard(context, left, bottom, right - left);
  context.fillText(few, left + 8, bottom - 11.5);
  context.fillText(all, right - 8 - allAcross, bottom - 11.5);
  const from = left + 16 + fewAcross;
  const ramp = context.createLinearGradient(from, 0, from + RAMP_ACROSS, 0);
  for (const [index, colour] of RAMP.entries()) ramp.addColorStop(index / (RAMP.length - 1), `rgb(${colour.join()})`);
  context.fillStyle = ramp;
  context.fillRect(from, bottom - 16, RAMP_ACROSS, 8);
}

/**
 * A line of text at the lower left of what is seen of the picture.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {string} text
 */
export function drawFigure(context, { state }, text) {
  const { viewport, document, stage } = state;
  const left = Math.max(viewport.x, 0) + 8;
  const bottom = Math.min(viewport.y + document.height * viewport.scale, stage[1]) - 8;
  drawPlate(context, text, left, bottom);
}

/**
 * The part of the reference picture that the video shows.
 *
 * @param {TrackDocument} document
 * @param {Clip} clip
 * @returns {Box}
 */
export function windowOf(document, clip) {
  const { scale, corner, width, height } = makeFit(document, clip.width, clip.height, clip.fit ?? "stretch");
  return [corner[0] / scale[0], corner[1] / scale[1], (corner[0] + width) / scale[0], (corner[1] + height) / scale[1]];
}

/**
 * A share with as many digits as it needs: 0, 0.04, 3.1, 42.
 *
 * @param {number} part
 * @param {number} whole
 */
export function percent(part, whole) {
  const share = (100 * part) / Math.max(whole, 1);
  return share === 0 || share >= 10 ? share.toFixed(0) : share >= 1 ? share.toFixed(1) : share.toFixed(2);
}

/**
 * Colours of the cells, RGBA; those never guided are dark.
 *
 * @param {Coverage} coverage
 * @param {number} latentFrames
 */
export function heatPixels({ heat }, latentFrames) {
  const pixels = new Uint8ClampedArray(heat.length * 4);
  for (let cell = 0; cell < heat.length; cell++) {
    if (!heat[cell]) {
      pixels.set(BARE, 4 * cell);
      continue;
    }
    const along = (heat[cell] / Math.max(latentFrames - 1, 1)) * (RAMP.length - 1);
    const below = Math.min(Math.floor(along), RAMP.length - 2);
    for (let channel = 0; channel < 3; channel++) {
      const [from, to] = [RAMP[below][channel], RAMP[below + 1][channel]];
      pixels[4 * cell + channel] = from + (to - from) * (along - below);
    }
    pixels[4 * cell + 3] = OPACITY;
  }
  return pixels;
}

/** @type {WeakMap<HTMLCanvasElement, Coverage>} */
const painted = new WeakMap();

/**
 * @param {HTMLCanvasElement} sheet
 * @param {Coverage} coverage
 * @param {{ columns: number, rows: number, latentFrames: number }} cells
 */
function paintCells(sheet, coverage, { columns, rows, latentFrames }) {
  if (painted.get(sheet) === coverage) return;
  [sheet.width, sheet.height] = [columns, rows];
  const image = new ImageData(heatPixels(coverage, latentFrames), columns, rows);
  sheet.getContext("2d")?.putImageData(image, 0, 0);
  painted.set(sheet, coverage);
}
