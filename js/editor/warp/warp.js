/** The moving picture: on the graphics card once something moves, on a plain canvas until then and wherever there is none. */

import { createCanvas2D } from "./canvas2d.js";
import { createWebGL } from "./webgl.js";

/** @import { Lifetime } from "../../types.js" */
/** @import { Renderer, WarpView } from "./webgl.js" */
/** @import { WarpScene } from "./warp_scene.js" */

/** @typedef {{ canvas: HTMLCanvasElement, renderer: Renderer }} Surface */

/**
 * @typedef {object} Warp
 * @property {(picture: HTMLCanvasElement | null) => void} setPicture
 * @property {(scene: WarpScene, view: WarpView) => void} draw
 * @property {() => "webgl" | "2d"} kind what draws now
 */

/**
 * Two canvases in a holder, of which one shows. Browsers allow few WebGL contexts on a page and take the oldest away: an
 * editor in which nothing moves yet asks for none, and one that loses its own goes on with the plain canvas.
 *
 * @param {HTMLElement} holder
 * @param {Lifetime} lifetime
 * @param {{ preferWebGL: boolean, redraw: () => void }} options
 * @returns {Warp}
 */
export function createWarp(holder, lifetime, { preferWebGL, redraw }) {
  const plainCanvas = addCanvas(holder);
  /** @type {Surface} */
  const plain = { canvas: plainCanvas, renderer: createCanvas2D(plainCanvas) };
  /** @type {Surface | null} */
  let fast = null;
  let refused = !preferWebGL;
  let lost = false;
  /** @type {HTMLCanvasElement | null} */
  let picture = null;
  lifetime.also(() => {
    plain.renderer.dispose();
    fast?.renderer.dispose();
  });

  const start = () => {
    const surface = startWebGL(holder, lifetime, {
      lose: () => {
        lost = true;
        redraw();
      },
      restore: () => {
        lost = false;
        if (fast) fast = { canvas: fast.canvas, renderer: createWebGL(fast.canvas) ?? fast.renderer };
        fast?.renderer.setPicture(picture);
        redraw();
      },
    });
    refused = surface === null;
    surface?.renderer.setPicture(picture);
    return surface;
  };
  const current = (/** @type {boolean} */ still) => {
    if (!fast && !refused && !still) fast = start();
    return fast && !lost ? fast : plain;
  };

  return {
    setPicture(given) {
      picture = given;
      plain.renderer.setPicture(given);
      fast?.renderer.setPicture(given);
    },
    draw(scene, view) {
      const surface = current(scene.still);
      for (const canvas of [plain.canvas, fast?.canvas]) {
        if (canvas) canvas.style.display = canvas === surface.canvas ? "block" : "none";
      }
      fitCanvas(surface.canvas, view);
      surface.renderer.draw(scene, view);
    },
    kind: () => (fast && !lost ? "webgl" : "2d"),
  };
}

/**
 * Makes a canvas as many device pixels as its stage has; setting a size clears it, so only a new one is set.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Pick<WarpView, "stage" | "ratio">} view
 */
export function fitCanvas(canvas, { stage, ratio }) {
  const [width, height] = stage.map((side) => Math.max(Math.round(side * ratio), 1));
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** @param {HTMLElement} holder */
export function addCanvas(holder) {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  canvas.style.cssText = "position:absolute;inset:0;width:100%;height:100%;display:block;pointer-events:none";
  holder.append(canvas);
  return canvas;
}

/**
 * @param {HTMLElement} holder
 * @param {Lifetime} lifetime
 * @param {{ lose: () => void, restore: () => void }} heard
 * @returns {Surface | null}
 */
function startWebGL(holder, lifetime, heard) {
  const canvas = addCanvas(holder);
  const renderer = createWebGL(canvas);
  if (!renderer) {
    canvas.remove();
    return null;
  }
  lifetime.listen(canvas, "webglcontextlost", (event) => {
    // Without this the context is never given back.
    event.preventDefault();
    heard.lose();
  });
  lifetime.listen(canvas, "webglcontextrestored", heard.restore);
  return { canvas, renderer };
}
