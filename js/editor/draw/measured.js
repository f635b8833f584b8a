/** What the last run achieved, over what was asked of it: rings, dots in the colour of their error, crosses where lost. */

import { errorAt, errorColour, LOST_COLOUR, lastFollowed, measuredFrame, measuredToImage } from "../../model/measured.js";
import { drawDot, strokeCased } from "./ink.js";
import { INK, PAPER } from "./palette.js";

/** @import { Measured, ViewPoint } from "../../types.js" */
/** @import { Scene } from "./scene.js" */

/** Frames that a tail reaches back. */
const TAIL = 12;
/** CSS pixels */
const RING = 4;
const DOT = 3.5;
const CROSS = 4;

/** Where a track is on the stage in a frame. @typedef {(positions: Float32Array, track: number, frame: number) => ViewPoint} Placing */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 */
export function drawMeasured(context, { state }) {
  const { measured } = state.measured ?? {};
  if (!measured) return;
  const frame = measuredFrame(measured, state.progress);
  const place = placing(measured, state);
  context.save();
  context.lineJoin = "round";
  context.lineCap = "round";
  for (let track = 0; track < measured.count; track++) {
    drawTail(context, tailOf(measured.requested, track, frame, place), PAPER, 0.55);
    const known = lastFollowed(measured, track, frame);
    if (known === frame) {
      const colour = errorColour(errorAt(measured, track, frame), measured);
      drawTail(context, tailOf(measured.achieved, track, frame, place, followedSince(measured, track, frame)), colour, 0.9);
    }
  }
  for (let track = 0; track < measured.count; track++) drawTrack(context, measured, track, frame, place);
  context.restore();
}

/**
 * @param {Measured} measured
 * @param {Scene["state"]} state
 * @returns {Placing}
 */
function placing(measured, { document, clip, viewport }) {
  const { scale, shift } = measuredToImage(measured, document, clip.fit);
  return (positions, track, frame) => {
    const at = 2 * (track * measured.length + frame);
    const [x, y] = [positions[at] * scale[0] + shift[0], positions[at + 1] * scale[1] + shift[1]];
    return [x * viewport.scale + viewport.x, y * viewport.scale + viewport.y];
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Measured} measured
 * @param {number} track
 * @param {number} frame
 * @param {Placing} place
 */
function drawTrack(context, measured, track, frame, place) {
  const asked = place(measured.requested, track, frame);
  const known = lastFollowed(measured, track, frame);
  const found = known < 0 ? asked : place(measured.achieved, track, known);
  if (known === frame) {
    const colour = errorColour(errorAt(measured, track, frame), measured);
    context.beginPath();
    context.moveTo(asked[0], asked[1]);
    context.lineTo(found[0], found[1]);
    strokeCased(context, colour, 1.5);
    drawRing(context, asked);
    drawDot(context, found[0], found[1], DOT, colour);
    return;
  }
  drawRing(context, asked);
  context.beginPath();
  for (const [across, down] of /** @type {const} */ ([
    [CROSS, CROSS],
    [CROSS, -CROSS],
  ])) {
    context.moveTo(found[0] - across, found[1] - down);
    context.lineTo(found[0] + across, found[1] + down);
  }
  strokeCased(context, LOST_COLOUR, 2);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {ViewPoint} at
 */
function drawRing(context, [x, y]) {
  context.beginPath();
  context.arc(x, y, RING, 0, 2 * Math.PI);
  strokeCased(context, PAPER, 1.5);
}

/**
 * @param {Float32Array} positions
 * @param {number} track
 * @param {number} frame
 * @param {Placing} place
 * @param {number} [from] the first frame that may be drawn
 */
function tailOf(positions, track, frame, place, from = 0) {
  const first = Math.max(frame - TAIL, from);
  return Array.from({ length: frame - first + 1 }, (_, index) => place(positions, track, first + index));
}

/**
 * @param {Measured} measured
 * @param {number} track
 * @param {number} frame
 */
function followedSince({ followed, length }, track, frame) {
  let first = frame;
  while (first > 0 && followed[track * length + first - 1]) first -= 1;
  return first;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {readonly ViewPoint[]} places
 * @param {string} colour
 * @param {number} alpha
 */
function drawTail(context, places, colour, alpha) {
  if (places.length < 2) return;
  context.beginPath();
  context.moveTo(places[0][0], places[0][1]);
  for (const [x, y] of places.slice(1)) context.lineTo(x, y);
  context.globalAlpha = alpha * 0.5;
  context.lineWidth = 3;
  context.strokeStyle = INK;
  context.stroke();
  context.globalAlpha = alpha;
  context.lineWidth = 1.5;
  context.strokeStyle = colour;
  context.stroke();
  context.globalAlpha = 1;
}
