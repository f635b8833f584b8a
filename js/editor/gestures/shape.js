/** Rectangles and discs, drawn from corner to corner and from the middle out; a click makes one of a usual size. */

import { tidy } from "../../model/tidy.js";
import { NO_GESTURE } from "../history.js";
import { pressedSmart } from "../smart_select.js";
import { addMovable, addRegion } from "./new_layers.js";
import { hasMoved } from "./pointer.js";

/** @import { EditorState, Gesture, ImagePoint, PointerInput, Region } from "../../types.js" */
/** @typedef {Extract<Gesture, { kind: "shape" }>} Shape */

/** Pixels of the picture: half the side of a rectangle and the radius of a disc that a click makes. */
const USUAL = 32;

/**
 * @param {EditorState} state
 * @param {PointerInput} input
 * @param {Shape["tool"]} tool
 * @returns {EditorState}
 */
export function pressShape(state, input, tool) {
  return { ...state, gesture: { kind: "shape", tool, from: input.at, to: input.at } };
}

/**
 * @param {EditorState} state
 * @param {Shape} gesture
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function moveShape(state, gesture, input) {
  return { ...state, gesture: { ...gesture, to: input.shift ? square(gesture.from, input.at) : input.at } };
}

/**
 * @param {EditorState} state
 * @param {Shape} gesture
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function releaseShape(state, gesture, input) {
  const { from, to, tool } = gesture;
  const isClick = !hasMoved(state, from, { ...input, at: to });
  if (tool === "smart") return pressedSmart({ ...state, gesture: NO_GESTURE }, from, isClick ? null : to);
  const region = isClick ? usualRegion(tool, from) : shapeRegion(tool, from, to);
  if (!region) return { ...state, gesture: NO_GESTURE };
  return tool === "pin" ? addRegion(state, region) : addMovable(state, region);
}

/**
 * The region that a drag from one place to another draws; null = nothing yet. What the stage shows meanwhile.
 *
 * @param {Shape["tool"]} tool
 * @param {ImagePoint} from
 * @param {ImagePoint} to
 * @returns {Region | null}
 */
export function shapeRegion(tool, from, to) {
  const [width, height] = [tidy(Math.abs(to[0] - from[0])), tidy(Math.abs(to[1] - from[1]))];
  if (tool === "disc") {
    const radius = tidy(Math.hypot(width, height));
    return radius > 0 ? { kind: "disc", centre: [from[0], from[1]], radius } : null;
  }
  if (!(width > 0 && height > 0)) return null;
  return { kind: "rectangle", box: [Math.min(from[0], to[0]), Math.min(from[1], to[1]), width, height] };
}

/**
 * @param {Shape["tool"]} tool
 * @param {ImagePoint} at
 * @returns {Region}
 */
function usualRegion(tool, [x, y]) {
  if (tool === "pin") return { kind: "point", at: [x, y] };
  if (tool === "disc") return { kind: "disc", centre: [x, y], radius: USUAL };
  return { kind: "rectangle", box: [x - USUAL, y - USUAL, 2 * USUAL, 2 * USUAL] };
}

/**
 * @param {ImagePoint} from
 * @param {ImagePoint} to
 * @returns {ImagePoint}
 */
function square(from, to) {
  const side = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]));
  return [from[0] + (to[0] < from[0] ? -side : side), from[1] + (to[1] < from[1] ? -side : side)];
}
