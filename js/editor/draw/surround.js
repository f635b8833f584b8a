/** What lies around the picture: veiled, with the picture's border, or an empty sheet where there is no picture. */

/** @import { Scene } from "./scene.js" */

/** How much of what has moved out of the picture is hidden. */
const VEIL = 0.66;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 */
export function drawSurround(context, { state, ratio, ground }) {
  const { viewport, stage, document } = state;
  const [left, top] = [viewport.x, viewport.y];
  const [across, down] = [document.width * viewport.scale, document.height * viewport.scale];
  context.beginPath();
  context.rect(0, 0, stage[0], stage[1]);
  context.rect(left, top, across, down);
  context.save();
  context.globalAlpha = VEIL;
  context.fillStyle = ground;
  context.fill("evenodd");
  context.restore();
  const line = 1 / ratio;
  context.lineWidth = line;
  context.strokeStyle = "rgba(12, 14, 18, 0.5)";
  context.strokeRect(left - 1.5 * line, top - 1.5 * line, across + 3 * line, down + 3 * line);
  context.strokeStyle = "rgba(255, 255, 255, 0.3)";
  context.strokeRect(left - 0.5 * line, top - 0.5 * line, across + line, down + line);
}

/**
 * The sheet that stands for a picture that is not there yet.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 */
export function drawSheet(context, { state }) {
  const { viewport, document } = state;
  const [across, down] = [document.width * viewport.scale, document.height * viewport.scale];
  context.fillStyle = "#33363c";
  context.fillRect(viewport.x, viewport.y, across, down);
  const step = 64 * viewport.scale;
  if (step < 6) return;
  context.beginPath();
  for (let x = step; x < across; x += step) {
    context.moveTo(viewport.x + x, viewport.y);
    context.lineTo(viewport.x + x, viewport.y + down);
  }
  for (let y = step; y < down; y += step) {
    context.moveTo(viewport.x, viewport.y + y);
    context.lineTo(viewport.x + across, viewport.y + y);
  }
  context.lineWidth = 1;
  context.strokeStyle = "rgba(255, 255, 255, 0.07)";
  context.stroke();
}
