/** Regions at the playhead, where they started, and where their keys put them. */

import { affineAt, hasRipple, movePoints } from "../../model/motion.js";
import { inPicture } from "./ink.js";
import { keyMoments } from "./moments.js";
import { loopsOf, refine, traceLoops } from "./outline.js";
import { faint, INK, PAPER } from "./palette.js";
import { growthOf, moves } from "./scene.js";

/** @import { Affine, Region } from "../../types.js" */
/** @import { Scene, ShownLayer } from "./scene.js" */

/** @type {Affine} */
const IDENTITY = [1, 0, 0, 0, 1, 0];
const RIPPLE_STEP = 6;

/** @type {WeakMap<Region, Path2D>} */
const paths = new WeakMap();

/**
 * All regions, the selected ones last; while the clip plays as bare outlines.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 */
export function drawRegions(context, scene) {
  const drawn = scene.layers.filter(({ layer }) => hasOutline(layer.region));
  for (const shown of drawn) if (shown.selected && !scene.state.playing) drawGhosts(context, scene, shown);
  for (const shown of drawn) if (!shown.selected) drawRegion(context, scene, shown);
  for (const shown of drawn) if (shown.selected) drawRegion(context, scene, shown);
}

/** @param {Region} region */
function hasOutline({ kind }) {
  return kind !== "point" && kind !== "rest" && kind !== "frame";
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {ShownLayer} shown
 */
function drawRegion(context, scene, shown) {
  const { layer, colour, selected, hovered, seen, affine } = shown;
  const { state } = scene;
  const { viewport } = state;
  const unit = viewport.scale * growthOf(affine);
  const strength = layer.enabled ? (seen ? 1 : 0.45) : 0.3;
  context.save();
  context.globalAlpha = strength;
  const path = pathNow(scene, shown);
  inPicture(context, viewport, path.rippled ? IDENTITY : affine, () => {
    const line = 1 / (path.rippled ? viewport.scale : unit);
    context.fillStyle = faint(colour, state.playing ? 0 : selected ? 0.1 : hovered ? 0.1 : 0.05);
    context.fill(path.outline, "evenodd");
    if (!seen || !layer.enabled) context.setLineDash([4 * line, 4 * line]);
    context.lineJoin = "round";
    stroke(context, path.outline, INK, (selected ? 4 : 3) * line);
    stroke(context, path.outline, colour, (selected ? 2.25 : hovered ? 1.75 : 1.25) * line);
  });
  context.restore();
}

/**
 * The start's outline while the playhead is later, and the onion skin.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {ShownLayer} shown
 */
function drawGhosts(context, scene, shown) {
  const { document, progress, overlays } = scene.state;
  const { layer, colour } = shown;
  const moments = overlays.onion ? keyMoments(layer) : [];
  for (const moment of moments) {
    if (Math.abs(moment - progress) < 0.002 || moment === 0) continue;
    drawGhost(context, { ...shown, affine: affineAt(document, layer, moment) }, scene, faint(colour, 0.6), []);
  }
  if (progress > 0 && moves(layer)) drawGhost(context, { ...shown, affine: IDENTITY }, scene, PAPER, [6, 5]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {ShownLayer} shown
 * @param {Scene} scene
 * @param {string} colour
 * @param {readonly number[]} dash
 */
function drawGhost(context, { layer, affine }, { state }, colour, dash) {
  const unit = 1 / (state.viewport.scale * growthOf(affine));
  inPicture(context, state.viewport, affine, () => {
    const path = pathOf(layer.region, state.document.width, state.document.height);
    stroke(context, path, "rgba(12, 14, 18, 0.35)", (dash.length ? 2.5 : 1.75) * unit);
    context.setLineDash(dash.map((length) => length * unit));
    context.lineCap = "round";
    stroke(context, path, colour, (dash.length ? 1.25 : 0.75) * unit);
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} path
 * @param {string} colour
 * @param {number} width
 */
function stroke(context, path, colour, width) {
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke(path);
}

/**
 * @param {Region} region
 * @param {number} width
 * @param {number} height
 */
export function pathOf(region, width, height) {
  const before = paths.get(region);
  if (before) return before;
  const path = new Path2D();
  traceLoops(path, loopsOf(region, width, height));
  paths.set(region, path);
  return path;
}

/**
 * @param {Scene} scene
 * @param {ShownLayer} shown
 */
function pathNow({ state }, { layer }) {
  const { document, progress } = state;
  const rippled = progress > 0 && hasRipple(layer);
  if (!rippled) return { outline: pathOf(layer.region, document.width, document.height), rippled };
  const outline = new Path2D();
  const loops = refine(loopsOf(layer.region, document.width, document.height), RIPPLE_STEP);
  traceLoops(
    outline,
    loops.map((loop) => movePoints(document, layer, loop, progress)),
  );
  return { outline, rippled };
}
