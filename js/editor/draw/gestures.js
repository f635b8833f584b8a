/** What is being drawn at the moment: marquee, new regions, strokes, the brush's circle, smart select. */

import { pathPlaces } from "../../model/edits/paths.js";
import { anchorOf } from "../../model/motion.js";
import { imageToView } from "../../model/viewport.js";
import { drawDot, strokeCased } from "./ink.js";
import { ACCENT, DANGER, faint, INK, PAPER, START } from "./palette.js";

/** @import { EditorState, ImagePoint, Pair, SmartSelect, Viewport, ViewPoint } from "../../types.js" */
/** @import { Scene } from "./scene.js" */

const FRESH = "#ffd24a";

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {ViewPoint | null} pointer where the pointer is over the stage
 */
export function drawGesture(context, { state }, pointer) {
  const { gesture, viewport } = state;
  if (state.smart) drawSmart(context, state.smart, viewport);
  switch (gesture.kind) {
    case "marquee":
      drawMarquee(context, viewport, gesture.from, gesture.to, ACCENT);
      break;
    case "zoom":
      drawMarquee(context, viewport, gesture.from, gesture.to, PAPER);
      break;
    case "shape":
      drawShape(context, viewport, gesture);
      break;
    case "stroke":
      drawStroke(context, state, gesture);
      break;
    case "record":
      drawTrail(context, gesture.points, viewport, DANGER);
      break;
    case "path":
      if (!gesture.pressed) drawNextSegment(context, state, gesture);
      break;
  }
  if (pointer && showsBrush(state)) drawBrush(context, state, pointer);
}

/** @param {EditorState} state */
function showsBrush({ tool, options, gesture }) {
  if (gesture.kind === "pan") return false;
  return tool === "brush" || (tool === "smart" && options.smartStroke !== "box");
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {EditorState} state
 * @param {ViewPoint} pointer
 */
function drawBrush(context, { options, viewport, tool }, [x, y]) {
  context.beginPath();
  context.arc(x, y, Math.max(options.brushRadius * viewport.scale, 1), 0, 2 * Math.PI);
  strokeCased(context, tool === "smart" ? smartColour(options.smartStroke === "keep") : PAPER, 1.25);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Viewport} viewport
 * @param {ImagePoint} from
 * @param {ImagePoint} to
 * @param {string} colour
 */
function drawMarquee(context, viewport, from, to, colour) {
  rectangle(context, viewport, from, to);
  context.fillStyle = faint(colour, 0.12);
  context.fill();
  strokeCased(context, colour, 1, 1);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Viewport} viewport
 * @param {{ tool: string, from: ImagePoint, to: ImagePoint }} shape
 */
function drawShape(context, viewport, { tool, from, to }) {
  if (tool === "disc") {
    const [x, y] = imageToView(viewport, from);
    const radius = Math.hypot(to[0] - from[0], to[1] - from[1]) * viewport.scale;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
  } else rectangle(context, viewport, from, to);
  const colour = tool === "smart" ? START : FRESH;
  context.fillStyle = faint(colour, 0.14);
  context.fill();
  if (tool === "smart") context.setLineDash([6, 4]);
  strokeCased(context, colour, 1.5);
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {EditorState} state
 * @param {{ tool: string, points: readonly ImagePoint[] }} stroke
 */
function drawStroke(context, { viewport, options }, { tool: kind, points }) {
  if (kind === "pencil") return drawTrail(context, points, viewport, FRESH);
  trace(context, points, viewport);
  const marks = kind === "keep" || kind === "leave";
  if (kind === "brush" || marks) {
    const colour = marks ? smartColour(kind === "keep") : FRESH;
    strokeThick(context, points, viewport, options.brushRadius, faint(colour, 0.45));
    return;
  }
  context.closePath();
  context.fillStyle = faint(FRESH, 0.14);
  context.fill("evenodd");
  trace(context, points, viewport);
  context.lineJoin = "round";
  strokeCased(context, FRESH, 1.75);
  if (points.length > 2) drawClosing(context, viewport, points[points.length - 1], points[0]);
}

/**
 * The straight line that would close a lasso now.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Viewport} viewport
 * @param {ImagePoint} from
 * @param {ImagePoint} to
 */
function drawClosing(context, viewport, from, to) {
  trace(context, [from, to], viewport);
  context.setLineDash([4, 4]);
  context.lineWidth = 1.25;
  context.strokeStyle = faint(FRESH, 0.8);
  context.stroke();
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {readonly Pair[]} points
 * @param {Viewport} viewport
 * @param {string} colour
 */
function drawTrail(context, points, viewport, colour) {
  if (!points.length) return;
  trace(context, points, viewport);
  [context.lineJoin, context.lineCap] = ["round", "round"];
  strokeCased(context, colour, 2);
  [context.lineJoin, context.lineCap] = ["miter", "butt"];
  const [x, y] = imageToView(viewport, points[points.length - 1]);
  drawDot(context, x, y, 4.5, colour, PAPER);
}

/**
 * From the last control point to the pointer: what the next click adds.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {EditorState} state
 * @param {{ layer: number, to: ImagePoint }} gesture
 */
function drawNextSegment(context, { viewport, document }, { layer: index, to }) {
  const layer = document.layers[index];
  if (!layer) return;
  const from = pathPlaces(document, layer).at(-1) ?? anchorOf(document, layer);
  trace(context, [from, to], viewport);
  context.setLineDash([5, 4]);
  strokeCased(context, faint(FRESH, 0.9), 1.25, 1.5);
  context.setLineDash([]);
  const [x, y] = imageToView(viewport, to);
  drawDot(context, x, y, 3, FRESH, INK);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {SmartSelect} smart
 * @param {Viewport} viewport
 */
function drawSmart(context, { box, click, strokes, outline, waiting }, viewport) {
  for (const stroke of strokes) {
    strokeThick(context, stroke.points, viewport, stroke.radius, faint(smartColour(stroke.keep), 0.4));
  }
  context.globalAlpha = waiting ? 0.6 : 1;
  if (outline) {
    trace(context, outline, viewport);
    context.closePath();
    context.fillStyle = faint(START, 0.2);
    context.fill("evenodd");
    context.lineJoin = "round";
    strokeCased(context, START, 2);
  }
  if (box) {
    rectangle(context, viewport, [box[0], box[1]], [box[2], box[3]]);
    context.setLineDash([6, 4]);
    strokeCased(context, faint(START, 0.85), 1.25);
    context.setLineDash([]);
  }
  if (click) {
    const [x, y] = imageToView(viewport, click);
    drawDot(context, x, y, 4, START, PAPER);
  }
  context.globalAlpha = 1;
}

/** @param {boolean} keep */
function smartColour(keep) {
  return keep ? START : DANGER;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {readonly Pair[]} points
 * @param {Viewport} viewport
 * @param {number} radius reference pixels
 * @param {string} colour
 */
function strokeThick(context, points, viewport, radius, colour) {
  if (!points.length) return;
  trace(context, points.length > 1 ? points : [points[0], points[0]], viewport);
  context.save();
  [context.lineJoin, context.lineCap] = ["round", "round"];
  context.lineWidth = 2 * radius * viewport.scale;
  context.strokeStyle = colour;
  context.stroke();
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {readonly Pair[]} points
 * @param {Viewport} viewport
 */
function trace(context, points, viewport) {
  context.beginPath();
  for (const point of points) {
    const [x, y] = imageToView(viewport, point);
    context.lineTo(x, y);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Viewport} viewport
 * @param {ImagePoint} from
 * @param {ImagePoint} to
 */
function rectangle(context, viewport, from, to) {
  const [x0, y0] = imageToView(viewport, from);
  const [x1, y1] = imageToView(viewport, to);
  context.beginPath();
  context.rect(Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0));
}
