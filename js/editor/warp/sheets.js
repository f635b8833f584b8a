/** Pictures that the warp preview is put together from, made once and kept: what layers cover, what they leave behind. */

import { bounds } from "../../model/shapes.js";
import { loopsOf, traceLoops } from "../draw/outline.js";
import { fillHoles } from "./hole_fill.js";

/** @import { Box, Region } from "../../types.js" */
/** @import { Cut, WarpScene } from "./warp_scene.js" */

/** A kept canvas and what it was made of. @typedef {{ canvas: HTMLCanvasElement, made: readonly unknown[] }} Sheet */
/** How much of each pixel is covered, 0 ... 255. @typedef {{ width: number, height: number, cover: Uint8Array }} Mask */

/** Longest side of a mask, px. */
const LARGEST = 2048;
const SHARE_OF_FILLED = 0.25;
const SHARE_OF_HOLES = 0.5;
/** Reference px around a cutout that are taken from the background too: its edge pixels are a mixture of both. */
const RIM = 3;

export class Sheets {
  /** @type {HTMLCanvasElement | null} */
  #picture = null;
  /** @type {Map<Region, { mask: Mask, made: readonly unknown[] }>} */
  #alphas = new Map();
  /** One for all masks: a context costs more than what is drawn with it. @type {CanvasRenderingContext2D | null} */
  #scratch = null;
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
   * Where the layer has the picture: its region less those above it. The mask is its box. Where one above goes away the filled
   * background shows; wanmove_core/rendering/cutouts.py fills that part with the layer's own looks, a picture for each layer.
   *
   * @param {Cut} cut
   * @param {WarpScene} scene
   * @returns {Mask}
   */
  alphaOf(cut, scene) {
    const made = [scene.width, scene.height, ...cut.above];
    const known = this.#alphas.get(cut.region);
    if (known && alike(known.made, made)) return known.mask;
    this.#scratch ??= blank(1, 1)[1];
    const mask = paintAlpha(this.#scratch, cut, scene);
    this.#alphas.set(cut.region, { mask, made });
    return mask;
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
 * @param {CanvasRenderingContext2D} context
 * @param {Cut} cut
 * @param {WarpScene} scene
 * @returns {Mask}
 */
function paintAlpha(context, { region, above, box }, { width, height }) {
  const share = Math.min(1, LARGEST / Math.max(width, height));
  const { canvas } = context;
  [canvas.width, canvas.height] = [Math.ceil((box[2] - box[0]) * share), Math.ceil((box[3] - box[1]) * share)];
  context.scale(canvas.width / (box[2] - box[0]), canvas.height / (box[3] - box[1]));
  context.translate(-box[0], -box[1]);
  context.fillStyle = "#fff";
  fill(context, region, width, height);
  context.globalCompositeOperation = "destination-out";
  for (const other of above) if (meets(bounds(other, width, height), box)) fill(context, other, width, height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const cover = new Uint8Array(data.length / 4);
  for (let i = 0; i < cover.length; i++) cover[i] = data[4 * i + 3];
  return { width: canvas.width, height: canvas.height, cover };
}

/**
 * @param {Box} one
 * @param {Box} other
 */
function meets(one, other) {
  return one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
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
