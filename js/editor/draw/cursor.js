/** The pointer's look. */

/** @import { EditorState, Hit, Tool } from "../../types.js" */

/** @type {Readonly<Record<Tool, string>>} */
const OF_TOOLS = {
  select: "default",
  points: "crosshair",
  pen: "crosshair",
  pencil: "crosshair",
  record: "crosshair",
  pin: "crosshair",
  rectangle: "crosshair",
  disc: "crosshair",
  lasso: "crosshair",
  brush: "crosshair",
  smart: "crosshair",
  camera: "move",
  hand: "grab",
  zoom: "zoom-in",
};

/** By a handle's corner, clockwise from the top left, of a box that is not turned. */
const RESIZE = ["nwse-resize", "ns-resize", "nesw-resize", "ew-resize"];

/**
 * The name of the CSS cursor.
 *
 * @param {Pick<EditorState, "tool" | "hover" | "gesture">} state
 * @param {boolean} panning by the middle button or a finger
 * @param {number} turn degrees by which the selection's box is turned
 */
export function cursorOf({ tool, hover, gesture }, panning, turn) {
  if (panning || gesture.kind === "pan") return "grabbing";
  if (tool === "hand") return "grab";
  const hit =
    gesture.kind === "drag" ? gesture.hit : gesture.kind === "none" ? hover : { kind: /** @type {const} */ ("nothing") };
  return overHit(hit, turn) ?? (isTaken(hit, tool) ? "move" : OF_TOOLS[tool]);
}

/**
 * @param {Hit} hit
 * @param {number} turn
 */
function overHit(hit, turn) {
  if (hit.kind !== "handle") return null;
  if (hit.handle.kind === "rotate") return "alias";
  if (hit.handle.kind === "anchor") return "move";
  if (hit.handle.kind === "radius") return "nesw-resize";
  return RESIZE[(hit.handle.corner + Math.round(turn / 45) + 400) % 4];
}

/**
 * @param {Hit} hit
 * @param {Tool} tool
 */
function isTaken(hit, tool) {
  if (hit.kind === "nothing" || hit.kind === "handle") return false;
  if (tool === "select") return true;
  return (tool === "points" || tool === "pen") && (hit.kind === "path-point" || hit.kind === "path-handle");
}
