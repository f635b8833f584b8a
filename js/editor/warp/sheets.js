/** Pictures that the warp preview is put together from, made once and kept: what layers cover, what they leave behind. */

import { loopsOf, traceLoops } from "../draw/outline.js";
import { fillHoles } from "./hole_fill.js";

/** @import { Region } from "../../types.js" */
/** @import { Cut, WarpScene } from "./warp_scene.js" */

/** A kept canvas and what it was made of. @typedef {{ canvas: HTMLCanvasElement, made: readonly unknown[] }} Sheet */

/** Longest side of a mask, px. */
const LARGEST = 2048;
const SHARE_OF_FILLED = 0.25;
const SHARE_OF_HOLES = 0.5;
/** Reference px around a cutout that are taken from the background too: its edge pixels are a mixture of both. */
const RIM = 3;

export class Sheets {
  /** @type {HTMLCanvasElement | null} */
  #picture = null;
  /** @type {Map<Region, Sheet>} */
  #alphas = new Map();
  /** @type {Sheet | null} */
  #filled = null;
  /** @type {Sheet | null} */
  #holes = null;

  /** @param {HTMLCanvasElement | null} picture */
  setPicture(picture) {
    this.#picture = picture;
    this.#filled = null;
  }

  /**
   * White where the layer has the picture: its region less those above it. The canvas is its box.
   *
   * @param {Cut} cut
   * @param {WarpScene} scene
   */
  alphaOf(cut, scene) {
    const made = [scene.width, scene.height, ...cut.above];
    const known = this.#alphas.get(cut.region);
    if (known && alike(known.made, made)) return known.canvas;
    const canvas = paintAlpha(cut, scene);
    this.#alphas.set(cut.region, { canvas, made });
    return canvas;
  }

  /**
   * The picture at a quarter of its size with every hole filled.
   *
   * @param {WarpScene} scene
   * @param {boolean} busy something is being drawn: an older one will do
   */
  filled({ width, height, holes }, busy) {
    if (!this.#picture || !holes.length) return null;
    const made = [width, height, ...holes.map((hole) => hole.region)];
    const known = this.#filled;
    if (known && (alike(known.made, made) || (busy && known.made.length === made.length))) return known.canvas;
    this.#filled = { canvas: paintFilled(this.#picture, holes, width, height), made };
    return this.#filled.canvas;
  }

  /**
   * White where the filled picture shows, by how far each layer has left its place.
   *
   * @param {WarpScene} scene
   */
  holes({ width, height, cuts }) {
    const open = cuts.filter((cut) => cut.left > 0);
    if (!open.length) return null;
    const made = [width, height, ...open.flatMap((cut) => [cut.region, cut.left])];
    if (this.#holes && alike(this.#holes.made, made)) return this.#holes.canvas;
    this.#holes = { canvas: paintHoles(open, width, height), made };
    return this.#holes.canvas;
  }

  /**
   * Forgets the masks of regions that are no more.
   *
   * @param {WarpScene} scene
   */
  sweep({ cuts }) {
    if (this.#alphas.size <= 2 * cuts.length + 8) return;
    const alive = new Set(cuts.map((cut) => cut.region));
    for (const region of this.#alphas.keys()) if (!alive.has(region)) this.#alphas.delete(region);
  }
}

/**
 * @param {Cut} cut
 * @param {WarpScene} scene
 */
function paintAlpha({ region, above, box }, { width, height }) {
  const share = Math.min(1, LARGEST / Math.max(width, height));
  const [canvas, context] = blank((box[2] - box[0]) * share, (box[3] - box[1]) * share);
  context.scale(share, share);
  context.translate(-box[0], -box[1]);
  context.fillStyle = "#fff";
  fill(context, region, width, height);
  context.globalCompositeOperation = "destination-out";
  for (const other of above) fill(context, other, width, height);
  return canvas;
}

/**
 * @param {readonly (Cut & { left: number })[]} open
 * @param {number} width
 * @param {number} height
 */
function paintHoles(open, width, height) {
  const share = SHARE_OF_HOLES * Math.min(1, LARGEST / Math.max(width, height));
  const [canvas, context] = blank(width * share, height * share);
  context.scale(canvas.width / width, canvas.height / height);
  context.lineWidth = 2 * RIM;
  context.lineJoin = "round";
  [context.fillStyle, context.strokeStyle] = ["#fff", "#fff"];
  for (const { region, left } of open) {
    context.globalAlpha = left;
    fill(context, region, width, height);
    context.stroke();
  }
  return canvas;
}

/**
 * @param {HTMLCanvasElement} picture
 * @param {readonly Cut[]} holes
 * @param {number} width
 * @param {number} height
 */
function paintFilled(picture, holes, width, height) {
  const share = SHARE_OF_FILLED * Math.min(1, LARGEST / Math.max(width, height));
  const [marks, marking] = blank(width * share, height * share);
  marking.scale(marks.width / width, marks.height / height);
  // Wider than the rim: no pixel of the small picture may have a part of what has left in it.
  marking.lineWidth = 2 * RIM + 3 / share;
  marking.lineJoin = "round";
  for (const { region } of holes) {
    fill(marking, region, width, height);
    marking.stroke();
  }
  const [canvas, context] = blank(marks.width, marks.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const image = context.getImageData(0, 0, canvas.width, canvas.height);
  const alpha = marking.getImageData(0, 0, canvas.width, canvas.height).data;
  const hole = Uint8Array.from({ length: alpha.length / 4 }, (_, index) => (alpha[4 * index + 3] > 0 ? 1 : 0));
  const pixels = fillHoles(image.data, hole, canvas.width, canvas.height);
  image.data.set(pixels);
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Region} region
 * @param {number} width
 * @param {number} height
 */
function fill(context, region, width, height) {
  context.beginPath();
  traceLoops(context, loopsOf(region, width, height));
  context.fill("evenodd");
}

/**
 * @param {number} width
 * @param {number} height
 * @returns {[HTMLCanvasElement, CanvasRenderingContext2D]}
 */
function blank(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(Math.ceil(width), 1);
  canvas.height = Math.max(Math.ceil(height), 1);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser gives no 2D canvas.");
  return [canvas, context];
}

/**
 * @param {readonly unknown[]} some
 * @param {readonly unknown[]} others
 */
function alike(some, others) {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}
