/** The picture and a plainer warp preview without a graphics card: whole layers move, ripples in tiles, points leave it alone. */

import { rippleAt } from "../../model/motion.js";
import { Sheets } from "./sheets.js";

/** @import { Affine, Box } from "../../types.js" */
/** @import { Mask } from "./sheets.js" */
/** @import { Renderer, WarpView } from "./webgl.js" */
/** @import { ShownCut, WarpScene } from "./warp_scene.js" */

const TILE = 24;

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {Renderer}
 */
export function createCanvas2D(canvas) {
  return new CanvasRenderer(canvas);
}

/** @implements {Renderer} */
class CanvasRenderer {
  #canvas;
  #sheets = new Sheets();
  /** @type {HTMLCanvasElement | null} */
  #picture = null;
  /** Cutouts by their masks. @type {WeakMap<Mask, HTMLCanvasElement>} */
  #pieces = new WeakMap();
  /** @type {{ canvas: HTMLCanvasElement, filled: HTMLCanvasElement, holes: HTMLCanvasElement } | null} */
  #patched = null;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** @param {HTMLCanvasElement | null} picture */
  setPicture(picture) {
    this.#picture = picture;
    this.#pieces = new WeakMap();
    this.#patched = null;
    this.#sheets.setPicture(picture);
  }

  /**
   * @param {WarpScene} scene
   * @param {WarpView} view
   */
  draw(scene, view) {
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (!this.#picture) return;
    context.imageSmoothingQuality = "high";
    const { viewport, ratio } = view;
    const zoom = viewport.scale * ratio;
    context.setTransform(zoom, 0, 0, zoom, viewport.x * ratio, viewport.y * ratio);
    this.#drawGround(context, scene, view);
    for (const cut of scene.cuts) if (cut.seen) this.#drawCut(context, cut, scene);
    this.#sheets.sweep(scene);
  }

  dispose() {
    this.setPicture(null);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {WarpScene} scene
   * @param {WarpView} view
   */
  #drawGround(context, scene, { busy }) {
    const { width, height, ground, still } = scene;
    if (!this.#picture) return;
    const filled = still ? null : this.#sheets.filled(scene, busy);
    const holes = filled ? this.#sheets.holes(scene) : null;
    const sheet = filled && holes ? this.#patch(this.#picture, filled, holes) : this.#picture;
    context.save();
    context.beginPath();
    context.rect(0, 0, width, height);
    context.clip();
    if (!still) transform(context, ground.affine);
    context.drawImage(sheet, 0, 0, width, height);
    context.restore();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {ShownCut} cut
   * @param {WarpScene} scene
   */
  #drawCut(context, cut, scene) {
    const piece = this.#pieceOf(cut, scene);
    const [left, top, right, bottom] = cut.box;
    context.save();
    transform(context, cut.affine);
    if (cut.ripples) drawTiles(context, piece, cut, scene.progress);
    else context.drawImage(piece, left, top, right - left, bottom - top);
    context.restore();
  }

  /**
   * @param {ShownCut} cut
   * @param {WarpScene} scene
   */
  #pieceOf(cut, scene) {
    const mask = this.#sheets.alphaOf(cut, scene);
    const known = this.#pieces.get(mask);
    if (known) return known;
    const [left, top, right, bottom] = cut.box;
    const scale = (this.#picture?.width ?? scene.width) / scene.width;
    const piece = copyOf(drawnMask(mask), Math.ceil((right - left) * scale), Math.ceil((bottom - top) * scale));
    const context = piece.getContext("2d");
    if (context && this.#picture) {
      context.globalCompositeOperation = "source-in";
      context.scale(piece.width / (right - left), piece.height / (bottom - top));
      context.drawImage(this.#picture, -left, -top, scene.width, scene.height);
    }
    this.#pieces.set(mask, piece);
    return piece;
  }

  /**
   * The picture with what was filled in where something has left.
   *
   * @param {HTMLCanvasElement} picture
   * @param {HTMLCanvasElement} filled
   * @param {HTMLCanvasElement} holes
   */
  #patch(picture, filled, holes) {
    const known = this.#patched;
    if (known?.filled === filled && known.holes === holes) return known.canvas;
    const patch = copyOf(holes, picture.width, picture.height);
    const patching = patch.getContext("2d");
    if (patching) {
      patching.globalCompositeOperation = "source-in";
      patching.drawImage(filled, 0, 0, patch.width, patch.height);
    }
    const canvas = copyOf(picture, picture.width, picture.height);
    canvas.getContext("2d")?.drawImage(patch, 0, 0);
    this.#patched = { canvas, filled, holes };
    return canvas;
  }
}

/** @param {Mask} mask */
function drawnMask({ width, height, cover }) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const image = new ImageData(width, height);
  cover.forEach((value, index) => {
    image.data[4 * index + 3] = value;
  });
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLCanvasElement} piece
 * @param {ShownCut} cut
 * @param {number} progress
 */
function drawTiles(context, piece, { layer, box }, progress) {
  const [left, top, right, bottom] = box;
  const [across, down] = [piece.width / (right - left), piece.height / (bottom - top)];
  const tiles = tilesOf(box);
  const middles = Float64Array.from(tiles.flatMap(([x, y]) => [x + TILE / 2, y + TILE / 2]));
  const ripple = rippleAt(layer, middles, progress);
  tiles.forEach(([x, y], index) => {
    // A pixel more on each side hides the seams between tiles that part a little.
    const [x0, y0] = [Math.max(x - 1, left), Math.max(y - 1, top)];
    const [wide, high] = [Math.min(x + TILE + 1, right) - x0, Math.min(y + TILE + 1, bottom) - y0];
    const source = [(x0 - left) * across, (y0 - top) * down, wide * across, high * down];
    const [moveX, moveY] = [ripple[2 * index], ripple[2 * index + 1]];
    context.drawImage(piece, source[0], source[1], source[2], source[3], x0 + moveX, y0 + moveY, wide, high);
  });
}

/**
 * @param {Box} box
 * @returns {readonly (readonly [number, number])[]}
 */
function tilesOf([left, top, right, bottom]) {
  const columns = Math.ceil((right - left) / TILE);
  const rows = Math.ceil((bottom - top) / TILE);
  return Array.from({ length: columns * rows }, (_, index) => [
    left + (index % columns) * TILE,
    top + Math.floor(index / columns) * TILE,
  ]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Affine} affine
 */
function transform(context, [a, b, x, c, d, y]) {
  context.transform(a, c, b, d, x, y);
}

/**
 * @param {HTMLCanvasElement} source
 * @param {number} width
 * @param {number} height
 */
function copyOf(source, width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.max(width, 1), Math.max(height, 1)];
  canvas.getContext("2d")?.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}
