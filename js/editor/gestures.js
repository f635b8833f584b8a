/** Pointer events: which tool begins which gesture, and what becomes of it. One file a gesture below gestures/. */

import { hitTest, NO_HIT } from "../model/hit.js";
import { tidyPair } from "../model/tidy.js";
import { isSame } from "../model/values.js";
import { pressCamera } from "./gestures/camera.js";
import { moveDrag, pressSelect, releaseDrag } from "./gestures/drag.js";
import { moveMarquee, releaseMarquee } from "./gestures/marquee.js";
import { finishPath, movePath, pressAgain, pressPath, releasePath } from "./gestures/path.js";
import { reachOf } from "./gestures/pointer.js";
import { finishRecord, moveRecord, pressRecord } from "./gestures/record.js";
import { moveShape, pressShape, releaseShape } from "./gestures/shape.js";
import { moveStroke, pressStroke, releaseStroke } from "./gestures/stroke.js";
import { movePan, moveZoom, pressPan, pressZoom, releasePan, releaseZoom } from "./gestures/view.js";
import { commit, restore } from "./history.js";

/** @import { EditorState, PointerInput, Tool } from "../types.js" */

const MIDDLE = 1;

/** What a press of the first button begins. @type {Record<Tool, (state: EditorState, input: PointerInput) => EditorState>} */
const PRESSES = {
  // Where there is nothing to select, a drag draws the first region.
  select: (state, input) => (state.document.layers.length ? pressSelect(state, input) : pressStroke(state, input, "lasso")),
  points: (state, input) => pressPath(state, input, "points"),
  pen: (state, input) => pressPath(state, input, "pen"),
  pencil: (state, input) => pressStroke(state, input, "pencil"),
  record: pressRecord,
  pin: (state, input) => pressShape(state, input, "pin"),
  rectangle: (state, input) => pressShape(state, input, "rectangle"),
  disc: (state, input) => pressShape(state, input, "disc"),
  lasso: (state, input) => pressStroke(state, input, "lasso"),
  brush: (state, input) => pressStroke(state, input, "brush"),
  smart: pressSmart,
  camera: pressCamera,
  hand: pressPan,
  zoom: pressZoom,
};

/**
 * @param {EditorState} state
 * @param {"pointer-down" | "pointer-move" | "pointer-up"} type
 * @param {PointerInput} input
 * @returns {EditorState}
 */
export function reduceGesture(state, type, input) {
  if (![...input.at, ...input.view, input.time].every(Number.isFinite)) return state;
  const at = { ...input, at: tidyPair(input.at) };
  if (type === "pointer-down") return press(state, at);
  return type === "pointer-move" ? move(state, at) : release(state, at);
}

/**
 * Everything since the gesture's start taken back, the view too.
 *
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function cancelGesture(state) {
  const { gesture } = state;
  if (gesture.kind === "pan") return { ...restore(state), viewport: gesture.viewport };
  return gesture.kind === "record" ? { ...restore(state), playing: false } : restore(state);
}

/**
 * An unfinished path or scrub kept, any other gesture taken back: what comes before an action from elsewhere.
 *
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function settle(state) {
  if (state.gesture.kind === "path") return finishPath(state);
  return state.gesture.kind === "none" ? commit(state) : cancelGesture(state);
}

/**
 * @param {EditorState} state
 * @param {PointerInput} input
 * @returns {EditorState}
 */
function press(state, input) {
  const { gesture, tool } = state;
  const pans = input.button === MIDDLE;
  if (input.button !== 0 && !pans) return state;
  if (gesture.kind === "path" && gesture.tool === tool && !pans) return pressAgain(state, gesture, input);
  if (gesture.kind !== "none" && gesture.kind !== "path" && pans) return state;
  const rest = settle(state);
  if (pans) return pressPan(rest, input);
  const watches = tool === "hand" || tool === "zoom";
  return PRESSES[tool](watches || !rest.playing ? rest : { ...rest, playing: false }, input);
}

/**
 * @param {EditorState} state
 * @param {PointerInput} input
 * @returns {EditorState}
 */
function move(state, input) {
  const { gesture } = state;
  switch (gesture.kind) {
    case "none":
      return hover(state, input);
    case "drag":
      return moveDrag(state, gesture, input);
    case "marquee":
      return moveMarquee(state, gesture, input);
    case "shape":
      return moveShape(state, gesture, input);
    case "stroke":
      return moveStroke(state, gesture, input);
    case "record":
      return moveRecord(state, gesture, input);
    case "path":
      return movePath(state, gesture, input);
    case "pan":
      return movePan(state, gesture, input);
    case "zoom":
      return moveZoom(state, gesture, input);
  }
}

/**
 * @param {EditorState} state
 * @param {PointerInput} input
 * @returns {EditorState}
 */
function release(state, input) {
  const { gesture } = state;
  switch (gesture.kind) {
    case "none":
      return state;
    case "drag":
      return releaseDrag(state, gesture, input);
    case "marquee":
      return releaseMarquee(state, gesture, input);
    case "shape":
      return releaseShape(state, gesture, input);
    case "stroke":
      return releaseStroke(state, gesture, input);
    case "record":
      return finishRecord(state, gesture);
    case "path":
      return releasePath(state, gesture);
    case "pan":
      return releasePan(state);
    case "zoom":
      return releaseZoom(state, gesture, input);
  }
}

/**
 * @param {EditorState} state
 * @param {PointerInput} input
 * @returns {EditorState}
 */
function hover(state, input) {
  const hit = hitTest(state, input.at, reachOf(input));
  return isSame(hit, state.hover) ? state : { ...state, hover: hit.kind === "nothing" ? NO_HIT : hit };
}

/**
 * @param {EditorState} state
 * @param {PointerInput} input
 * @returns {EditorState}
 */
function pressSmart(state, input) {
  const { smartStroke } = state.options;
  return smartStroke === "box" ? pressShape(state, input, "smart") : pressStroke(state, input, smartStroke);
}
