/** Everything that is drawn over the picture, in its order. */

import { drawGesture } from "./gestures.js";
import { drawHeat } from "./heat.js";
import { drawMeasured } from "./measured.js";
import { createModelSheet, drawModelEye } from "./model_eye.js";
import { drawPaths } from "./paths.js";
import { drawPlaces } from "./places.js";
import { drawRegions } from "./regions.js";
import { drawSelection } from "./selection.js";
import { drawSheet, drawSurround } from "./surround.js";
import { drawTrackPoints } from "./track_points.js";

/** @import { Texts, ViewPoint } from "../../types.js" */
/** @import { ModelSheet } from "./model_eye.js" */
/** @import { Scene } from "./scene.js" */

/** What the overlays keep between two frames. @typedef {{ model: ModelSheet, heat: HTMLCanvasElement }} Kept */

/** @returns {Kept} */
export function createKept() {
  return { model: createModelSheet(), heat: document.createElement("canvas") };
}

/**
 * @param {CanvasRenderingContext2D} context its canvas has the stage's size in device pixels
 * @param {Scene} scene
 * @param {{ kept: Kept, texts: Texts, pointer: ViewPoint | null }} means
 */
export function drawOverlays(context, scene, { kept, texts, pointer }) {
  const { overlays, playing } = scene.state;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(scene.ratio, 0, 0, scene.ratio, 0, 0);
  if (!scene.picture) drawSheet(context, scene);
  drawSurround(context, scene);
  if (overlays.model) drawModelEye(context, scene, kept.model, texts);
  if (overlays.coverage && !overlays.model) drawHeat(context, scene, kept.heat, texts);
  drawRegions(context, scene);
  if (overlays.dots) {
    if (!playing) drawTrackPoints(context, scene);
    drawPaths(context, scene);
  }
  if (overlays.achieved) drawMeasured(context, scene);
  drawPlaces(context, scene);
  if (!playing) drawSelection(context, scene);
  drawGesture(context, scene, pointer);
}
