/** Single points and pins at the playhead, and the corners of an outline that can be dragged. */

import { isStart } from "../../model/edits/moments.js";
import { regionPoints } from "../../model/edits/outlines.js";
import { imageToView } from "../../model/viewport.js";
import { drawDot } from "./ink.js";
import { ACCENT, INK, PAPER } from "./palette.js";
import { moves, placeOf } from "./scene.js";

/** @import { ViewPoint } from "../../types.js" */
/** @import { Scene, ShownLayer } from "./scene.js" */

const CROWDED = 7;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 */
export function drawPlaces(context, scene) {
  for (const shown of scene.layers) if (shown.layer.region.kind === "point") drawPoint(context, scene, shown);
  const [only, ...others] = scene.layers.filter((shown) => shown.selected);
  if (only && !others.length) drawCorners(context, scene, only);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {ShownLayer} shown
 */
function drawPoint(context, { state }, { layer, colour, affine, selected, hovered, seen }) {
  if (layer.region.kind !== "point") return;
  const [x, y] = imageToView(state.viewport, placeOf(affine, layer.region.at[0], layer.region.at[1]));
  context.save();
  context.globalAlpha = layer.enabled ? (seen ? 1 : 0.5) : 0.35;
  const radius = selected ? 6 : hovered ? 5.5 : 5;
  if (selected) drawDot(context, x, y, radius + 2.5, "rgba(250, 250, 250, 0.9)");
  if (moves(layer)) drawDot(context, x, y, radius, colour);
  else drawPin(context, x, y, radius, colour);
  context.restore();
}

/**
 * A square with a hole: what stays.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {string} colour
 */
function drawPin(context, x, y, radius, colour) {
  context.beginPath();
  context.roundRect(x - radius, y - radius, 2 * radius, 2 * radius, 2);
  context.fillStyle = colour;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = INK;
  context.stroke();
  drawDot(context, x, y, radius * 0.35, INK, INK);
}

/**
 * Where a drag changes the outline: of the only selected layer, at the start.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {ShownLayer} shown
 */
function drawCorners(context, { state }, { layer, colour }) {
  const { viewport, tool, progress, clip, selection } = state;
  if (tool !== "select" || layer.locked || !layer.enabled || !isStart({ progress, length: clip.length })) return;
  const places = regionPoints(layer.region).map((at) => imageToView(viewport, at));
  const chosen = new Set(selection.regionPoints);
  const room = hasRoom(places);
  places.forEach(([x, y], index) => {
    if (chosen.has(index)) drawDot(context, x, y, 4, ACCENT, PAPER);
    else if (room) drawDot(context, x, y, 2.75, PAPER, colour);
  });
}

/** @param {readonly ViewPoint[]} places */
function hasRoom(places) {
  let along = 0;
  for (let i = 1; i < places.length; i++) along += Math.hypot(places[i][0] - places[i - 1][0], places[i][1] - places[i - 1][1]);
  return along >= CROWDED * (places.length - 1);
}
