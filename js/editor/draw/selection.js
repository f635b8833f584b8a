/** What one takes hold of: the selection's box with its handles, control points and bezier handles. */

import { flatten } from "../../model/curves.js";
import { pathOrigin, pathPlaces } from "../../model/edits/paths.js";
import { handlesOf } from "../../model/hit.js";
import { imageToView } from "../../model/viewport.js";
import { drawDot, drawSquare, strokeCased } from "./ink.js";
import { ACCENT, faint, INK, PAPER, START } from "./palette.js";
import { inView } from "./paths.js";

/** @import { Handle, ViewPoint } from "../../types.js" */
/** @import { Scene, ShownLayer } from "./scene.js" */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 */
export function drawSelection(context, scene) {
  if (scene.state.gesture.kind === "record") return;
  drawBox(context, scene);
  const chosen = scene.layers.filter((shown) => shown.selected);
  if (chosen.length === 1) drawControls(context, scene, chosen[0]);
}

/**
 * The box around the selection at this moment, turned with it: lines between its corners, then the handles.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 */
function drawBox(context, { state }) {
  const places = handlesOf(state).map(({ handle, at }) => ({ handle, at: imageToView(state.viewport, at) }));
  const corners = places.filter(({ handle }) => handle.kind === "scale" && handle.corner % 2 === 0);
  const rotate = places.find(({ handle }) => handle.kind === "rotate");
  const top = places.find(({ handle }) => handle.kind === "scale" && handle.corner === 1);
  if (corners.length === 4) {
    context.beginPath();
    for (const { at } of corners) context.lineTo(at[0], at[1]);
    context.closePath();
    if (rotate && top) {
      context.moveTo(top.at[0], top.at[1]);
      context.lineTo(rotate.at[0], rotate.at[1]);
    }
    strokeCased(context, ACCENT, 1, 1.5);
  }
  for (const { handle, at } of places) drawHandle(context, handle, at);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Handle} handle
 * @param {ViewPoint} at
 */
function drawHandle(context, handle, [x, y]) {
  if (handle.kind === "anchor") drawAnchor(context, x, y);
  else if (handle.kind === "scale") drawSquare(context, x, y, handle.corner % 2 ? 5 : 7, PAPER, ACCENT);
  else {
    drawDot(context, x, y, 5.5, ACCENT);
    drawDot(context, x, y, 3.5, PAPER, ACCENT);
  }
}

/**
 * A ring and a cross: what a layer turns and grows about.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 */
function drawAnchor(context, x, y) {
  context.beginPath();
  context.arc(x, y, 4.5, 0, 2 * Math.PI);
  for (const [across, down] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ]) {
    context.moveTo(x + 4.5 * across, y + 4.5 * down);
    context.lineTo(x + 9 * across, y + 9 * down);
  }
  strokeCased(context, PAPER, 1.5);
}

/**
 * The path of the only selected layer as it is edited: over the start picture, without the camera.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {ShownLayer} shown
 */
function drawControls(context, { state }, { layer, colour }) {
  const { document, viewport, selection } = state;
  const { path } = layer.motion;
  if (!path || !layer.enabled) return;
  drawCurve(context, state, layer, colour);
  const chosen = new Set(selection.points);
  const places = pathPlaces(document, layer).map((at) => imageToView(viewport, at));
  if (path.kind === "bezier") {
    places.forEach((at, index) => {
      if (chosen.has(index)) drawArms(context, at, path.handles[index], viewport.scale);
    });
  }
  if (!isCrowded(places)) {
    places.forEach(([x, y], index) => {
      const fill = chosen.has(index) ? ACCENT : index === 0 ? START : PAPER;
      if (path.kind === "linear") drawSquare(context, x, y, 6, fill, INK);
      else drawDot(context, x, y, 4.5, fill);
    });
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene["state"]} state
 * @param {ShownLayer["layer"]} layer
 * @param {string} colour
 */
function drawCurve(context, { document, viewport }, layer, colour) {
  if (!layer.motion.path) return;
  const [left, top] = pathOrigin(document, layer);
  const curve = flatten(layer.motion.path);
  const view = inView(
    curve.map((value, index) => value + (index % 2 ? top : left)),
    viewport,
  );
  context.beginPath();
  for (let i = 0; i < view.length; i += 2) context.lineTo(view[i], view[i + 1]);
  context.lineJoin = "round";
  context.lineWidth = 1;
  context.strokeStyle = faint(colour, 0.55);
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {ViewPoint} at
 * @param {readonly [number, number, number, number] | undefined} handle
 * @param {number} scale
 */
function drawArms(context, [x, y], handle, scale) {
  if (!handle) return;
  for (const [across, down] of [handle.slice(0, 2), handle.slice(2)]) {
    if (across === 0 && down === 0) continue;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + across * scale, y + down * scale);
    strokeCased(context, "rgba(250, 250, 250, 0.85)", 1, 1.5);
    drawDot(context, x + across * scale, y + down * scale, 3, ACCENT);
  }
}

/**
 * Whether control points lie so close (a pencil's before its fit, a recording) that only the curve can be seen.
 *
 * @param {readonly ViewPoint[]} places
 */
function isCrowded(places) {
  let along = 0;
  for (let i = 1; i < places.length; i++) along += Math.hypot(places[i][0] - places[i - 1][0], places[i][1] - places[i - 1][1]);
  return places.length > 24 && along / places.length < 8;
}
