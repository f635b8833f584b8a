/** Paths of layers as dots: a larger one at each latent frame, a green start and an arrow at the end. */

import { dotPlaces, hasDots, LATENT_EVERY } from "./dots.js";
import { drawDot } from "./ink.js";
import { faint, INK, PAPER, START } from "./palette.js";

/** @import { Scene, ShownLayer } from "./scene.js" */

/** Dots drawn at most; what is beyond that has its line and its latent frames only. */
const MOST_DOTS = 4000;
/** CSS pixels between dots, on the whole; nearer ones would only make the line thick. */
const LEAST_SPACING = 4.5;
const LONGEST = 1025;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 */
export function drawPaths(context, scene) {
  const { document, clip } = scene.state;
  if (clip.length > LONGEST) return;
  const moving = scene.layers.filter((shown) => isShown(scene, shown)).sort((a, b) => Number(b.selected) - Number(a.selected));
  let left = MOST_DOTS;
  const jobs = moving.map((shown) => {
    left -= clip.length;
    return { shown, places: dotPlaces(document, shown.layer, clip.length), all: left > 0 };
  });
  for (const job of jobs.reverse()) drawPath(context, scene, job);
}

/**
 * @param {Scene} scene
 * @param {ShownLayer} shown
 */
function isShown({ state }, { layer, selected }) {
  if (!hasDots(state.document, layer)) return false;
  // The camera's own path says little beside the paths of all that it moves, unless it is what one works on.
  return selected || (layer.region.kind !== "frame" && layer.region.kind !== "rest");
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {{ shown: ShownLayer, places: Float64Array, all: boolean }} job
 */
function drawPath(context, scene, { shown, places, all }) {
  const { viewport, progress, clip } = scene.state;
  const { selected, colour } = shown;
  const strength = selected ? 1 : shown.hovered ? 0.9 : 0.7;
  const view = inView(places, viewport);
  if (reachOf(view) < 2) return;
  context.save();
  context.globalAlpha = strength;
  drawLine(context, view, colour, selected);
  drawDots(context, view, { colour, selected, every: dotStep(view, all ? 1 : LATENT_EVERY) });
  drawEnds(context, view, selected, shown.layer.motion.path !== null && selected);
  drawPlayhead(context, view, progress * Math.max(clip.length - 1, 1), colour);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} view
 * @param {string} colour
 * @param {boolean} selected
 */
function drawLine(context, view, colour, selected) {
  context.beginPath();
  context.moveTo(view[0], view[1]);
  for (let i = 2; i < view.length; i += 2) context.lineTo(view[i], view[i + 1]);
  context.lineJoin = "round";
  context.lineWidth = selected ? 3 : 2.5;
  context.strokeStyle = "rgba(12, 14, 18, 0.45)";
  context.stroke();
  context.lineWidth = selected ? 1.25 : 1;
  context.strokeStyle = faint(colour, 0.6);
  context.stroke();
}

/**
 * All dots of a kind as one path: one fill costs the same for five dots and for five hundred.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} view
 * @param {{ colour: string, selected: boolean, every: number }} look
 */
function drawDots(context, view, { colour, selected, every }) {
  const size = selected ? 1 : 0.8;
  const count = view.length / 2;
  for (const [rim, fill] of /** @type {const} */ ([
    [1, INK],
    [0, colour],
  ])) {
    context.beginPath();
    for (let frame = 0; frame < count; frame += every) {
      const radius = (frame % LATENT_EVERY === 0 ? 3.1 : 1.5) * size + rim;
      const [x, y] = [view[2 * frame], view[2 * frame + 1]];
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.fillStyle = fill;
    context.fill();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} view
 * @param {boolean} selected
 * @param {boolean} controlled a control point lies on the end: the arrow stands before it
 */
function drawEnds(context, view, selected, controlled) {
  const size = selected ? 1 : 0.8;
  const last = view.length - 2;
  const [x, y] = [view[last], view[last + 1]];
  const angle = arrivalAngle(view);
  drawDot(context, view[0], view[1], 4.5 * size, START);
  if (angle === null) return;
  context.save();
  context.translate(x, y);
  context.rotate(angle);
  if (controlled) context.translate(9, 0);
  context.beginPath();
  context.moveTo(10 * size, 0);
  context.lineTo(-4 * size, 6 * size);
  context.lineTo(-1.5 * size, 0);
  context.lineTo(-4 * size, -6 * size);
  context.closePath();
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = INK;
  context.stroke();
  context.fillStyle = PAPER;
  context.fill();
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} view
 * @param {number} frame may lie between two
 * @param {string} colour
 */
function drawPlayhead(context, view, frame, colour) {
  const before = Math.min(Math.floor(frame), view.length / 2 - 1);
  const after = Math.min(before + 1, view.length / 2 - 1);
  const share = frame - before;
  const x = view[2 * before] * (1 - share) + view[2 * after] * share;
  const y = view[2 * before + 1] * (1 - share) + view[2 * after + 1] * share;
  if (frame > 0) drawDot(context, x, y, 4.5, colour, PAPER);
}

/**
 * Of how many dots one is drawn: all, those of the latent frames, or of every second, fourth ... of these.
 *
 * @param {ArrayLike<number>} view [N * 2] CSS pixels
 * @param {number} least
 */
export function dotStep(view, least) {
  let length = 0;
  for (let i = 2; i < view.length; i += 2) length += Math.hypot(view[i] - view[i - 2], view[i + 1] - view[i - 1]);
  const spacing = length / Math.max(view.length / 2 - 1, 1);
  let step = least;
  while (step * spacing < LEAST_SPACING && step < view.length) step = step < LATENT_EVERY ? LATENT_EVERY : step * 2;
  return step;
}

/**
 * The direction in which a path ends, looking back over as much of it as has a direction; null = it never moves.
 *
 * @param {ArrayLike<number>} places [N * 2]
 * @returns {number | null} radians clockwise from the right
 */
export function arrivalAngle(places) {
  const last = places.length - 2;
  for (let i = last - 2; i >= 0; i -= 2) {
    const [across, down] = [places[last] - places[i], places[last + 1] - places[i + 1]];
    if (Math.hypot(across, down) > 3) return Math.atan2(down, across);
  }
  return null;
}

/**
 * @param {Float64Array} places
 * @param {{ scale: number, x: number, y: number }} viewport
 */
export function inView(places, { scale, x, y }) {
  const view = new Float32Array(places.length);
  for (let i = 0; i < places.length; i += 2) {
    view[i] = places[i] * scale + x;
    view[i + 1] = places[i + 1] * scale + y;
  }
  return view;
}

/** @param {Float32Array} view */
function reachOf(view) {
  let reach = 0;
  for (let i = 2; i < view.length; i += 2) reach = Math.max(reach, Math.hypot(view[i] - view[0], view[i + 1] - view[1]));
  return reach;
}
