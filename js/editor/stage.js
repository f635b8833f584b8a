/** The stage: the picture, which moves, and over it everything that is drawn and taken hold of. */

import { affineAt } from "../model/motion.js";
import { fitViewport } from "../model/viewport.js";
import { h } from "./dom.js";
import { cursorOf } from "./draw/cursor.js";
import { createKept, drawOverlays } from "./draw/overlays.js";
import { buildScene } from "./draw/scene.js";
import { createLifetime } from "./lifetime.js";
import { startPlayback } from "./playback.js";
import { listenToHands } from "./stage_input.js";
import { loadPicture } from "./stage_picture.js";
import { addCanvas, createWarp, fitCanvas } from "./warp/warp.js";
import { buildWarpScene } from "./warp/warp_scene.js";

/** @import { EditorContext, EditorState, Picture, View } from "../types.js" */
/** @import { Pointing } from "./stage_input.js" */

/** What of the state can be seen on the stage. @type {readonly (keyof EditorState)[]} */
const SEEN = [
  ...["document", "committed", "selection", "tool", "options", "gesture", "hover", "viewport", "stage"],
  ...["clip", "progress", "playing", "overlays", "smart", "measured"],
].map((key) => /** @type {keyof EditorState} */ (key));

/**
 * @param {EditorContext} context
 * @param {{ preferWebGL?: boolean }} [options]
 * @returns {View & { readonly setPicture: (picture: Picture | null) => void, readonly warpKind: () => "webgl" | "2d" }}
 */
export function createStage(context, { preferWebGL = true } = {}) {
  const { store, texts, derive } = context;
  const lifetime = createLifetime();
  const element = h("div", { class: "wanmove-stage", tabindex: 0, role: "application", "aria-label": texts("stage.name") });
  element.style.cssText = "position:relative;overflow:hidden;width:100%;height:100%;contain:strict";
  const below = h("div");
  element.append(below);
  const warp = createWarp(below, lifetime, { preferWebGL, redraw: () => ask() });
  const surface = addCanvas(element);
  surface.style.pointerEvents = "auto";
  surface.style.touchAction = "none";
  surface.style.userSelect = "none";
  const drawing = surface.getContext("2d");
  const kept = createKept();
  /** @type {Pointing} */
  let pointing = { pointer: null, panning: false };
  /** @type {HTMLCanvasElement | null} */
  let picture = null;
  let failed = "";

  const draw = () => {
    const state = store.state();
    const [width, height] = state.stage;
    if (!drawing || document.hidden || width < 1 || height < 1) return;
    const busy = state.document !== state.committed.document;
    const ratio = globalThis.devicePixelRatio || 1;
    const settled = () => derive(state.committed.document, state.clip);
    const { viewport, stage } = state;
    const shown = state.overlays.warp && !state.overlays.model ? state.progress : 0;
    warp.draw(buildWarpScene(state.document, shown), { viewport, stage, ratio, busy });
    fitCanvas(surface, { stage, ratio });
    const { pointer } = pointing;
    const ground = getComputedStyle(element).color;
    drawOverlays(drawing, buildScene(state, { ratio, ground, picture, settled }, pointer !== null), { kept, texts, pointer });
  };
  const ask = lifetime.onFrame(() => {
    try {
      draw();
      failed = "";
    } catch (error) {
      // Said once: the notice changes the state, and that must not draw and fail for ever.
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== failed) store.dispatch({ type: "notice", text: texts("stage.drawing-failed", { reason }), kind: "error" });
      failed = reason;
    }
  });
  const look = () => {
    const state = store.state();
    surface.style.cursor = cursorOf(state, pointing.panning, turnOf(state));
  };

  lifetime.also(
    store.subscribe((state, previous) => {
      if (!SEEN.some((key) => state[key] !== previous[key])) return;
      look();
      ask();
    }),
  );
  lifetime.listen(document, "visibilitychange", ask);
  lifetime.observeSize(element, (width, height) => resize(context, width, height));
  const changed = (/** @type {Pointing} */ now) => {
    const before = pointing;
    pointing = now;
    look();
    const [came, went] = [now.pointer !== null, before.pointer !== null];
    if (came !== went || (before.pointer !== now.pointer && showsPointer(store.state()))) ask();
  };
  listenToHands({ element, surface, store, host: context.host, lifetime, changed });
  const load = loadPicture(lifetime, (canvas, wanted) => {
    picture = canvas;
    warp.setPicture(canvas);
    if (wanted && !canvas) {
      store.dispatch({ type: "notice", text: texts("stage.picture-failed", { url: wanted.url }), kind: "error" });
    }
    ask();
  });
  startPlayback(store, lifetime);
  look();
  ask();

  return {
    element,
    setPicture: load,
    warpKind: warp.kind,
    dispose() {
      lifetime.dispose();
      element.remove();
    },
  };
}

/**
 * The first size shows the whole picture; later ones leave the view as it is.
 *
 * @param {EditorContext} context
 * @param {number} width
 * @param {number} height
 */
function resize({ store }, width, height) {
  const { stage, document } = store.state();
  if ((stage[0] === width && stage[1] === height) || width < 1 || height < 1) return;
  const isFirst = stage[0] < 1 || stage[1] < 1;
  store.dispatch({ type: "set-stage", stage: [width, height] });
  if (isFirst) {
    store.dispatch({ type: "set-viewport", viewport: fitViewport(document.width, document.height, [width, height]) });
  }
}

/**
 * Whether the pointer itself is drawn: the brush's circle.
 *
 * @param {EditorState} state
 */
function showsPointer({ tool }) {
  return tool === "brush" || tool === "smart";
}

/**
 * By how many degrees the selection's box is turned.
 *
 * @param {EditorState} state
 */
function turnOf({ document: tracks, selection, progress }) {
  const [only, ...others] = selection.layers;
  const layer = tracks.layers[only];
  if (!layer || others.length) return 0;
  const [a, , , c] = affineAt(tracks, layer, progress);
  return (Math.atan2(c, a) * 180) / Math.PI;
}
