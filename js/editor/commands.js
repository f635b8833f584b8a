/** What each command does to the state. Pure. */

import { fitViewport, zoomAt } from "../model/viewport.js";
import { canUndo } from "./history.js";
import { neighbouringMoment } from "./moments.js";
import { LATENT, nearestFrame, progressOfFrame } from "./timeline/moments.js";

/** @import { Action, EditorState, Overlays, Tool, Viewport } from "../types.js" */

/**
 * What a command does to the state; null = nothing that the store knows (help, easing, clipboard), or nothing to do.
 *
 * @param {string} command
 * @param {EditorState} state
 * @returns {Action | null}
 */
export function actionOf(command, state) {
  const [family, rest = ""] = command.split(/[.-](.*)/s);
  if (command.startsWith("tool.")) return { type: "set-tool", tool: /** @type {Tool} */ (rest) };
  if (command.startsWith("overlay.")) return toggled(state.overlays, /** @type {keyof Overlays} */ (rest));
  if (family === "nudge" || family === "cell") return nudged(state, rest, family === "cell" ? 8 : 1);
  if (PLAIN.has(command)) return plain(command, state);
  return (ACTIONS[command] ?? nothing)(state);
}

/**
 * What Escape does here, the innermost first; "close" = nothing is left to leave.
 *
 * @param {EditorState} state
 * @returns {Action | "close"}
 */
export function escapeOf({ gesture, smart, tool, selection }) {
  if (gesture.kind === "path") return { type: "finish-path" };
  if (gesture.kind !== "none") return { type: "cancel-gesture" };
  if (smart) return { type: "smart-cancel" };
  if (tool !== "select") return { type: "set-tool", tool: "select" };
  const { layers, points, key, regionPoints } = selection;
  if (points.length || key || regionPoints) return { type: "select", selection: { layers, points: [], key: null } };
  if (layers.length) return { type: "select", selection: { layers: [], points: [], key: null } };
  return "close";
}

/**
 * The whole picture on the stage, or nearer to its middle.
 *
 * @param {EditorState} state
 * @param {number} [factor] left out: the whole picture
 * @returns {Viewport}
 */
export function zoomed({ viewport, stage, document }, factor) {
  if (factor === undefined) return fitViewport(document.width, document.height, stage);
  return zoomAt(viewport, [stage[0] / 2, stage[1] / 2], factor);
}

/** Commands that are named as their actions and need something to work on. */
const PLAIN = new Set([
  "pin-rest",
  "revert",
  "undo",
  "redo",
  "duplicate",
  "delete",
  "group",
  "ungroup",
  "set-key",
  "toggle-visibility",
  "select-all",
]);
const NEED_SELECTION = new Set(["duplicate", "delete", "group", "ungroup", "set-key", "toggle-visibility"]);

/** @type {Record<string, (state: EditorState) => Action | null>} */
const ACTIONS = {
  play: ({ playing }) => ({ type: playing ? "pause" : "play" }),
  "frame-back": (state) => moveTo(frameOf(state) - 1, state),
  "frame-on": (state) => moveTo(frameOf(state) + 1, state),
  "latent-back": (state) => moveTo((Math.ceil(frameOf(state) / LATENT) - 1) * LATENT, state),
  "latent-on": (state) => moveTo((Math.floor(frameOf(state) / LATENT) + 1) * LATENT, state),
  first: () => ({ type: "set-progress", progress: 0 }),
  last: () => ({ type: "set-progress", progress: 1 }),
  "key-back": (state) => moment(state, true),
  "key-on": (state) => moment(state, false),
  smaller: ({ options }) => radius(options.brushRadius / 1.25),
  larger: ({ options }) => radius(options.brushRadius * 1.25),
  fit: (state) => ({ type: "set-viewport", viewport: zoomed(state) }),
  "zoom-in": (state) => ({ type: "set-viewport", viewport: zoomed(state, 1.25) }),
  "zoom-out": (state) => ({ type: "set-viewport", viewport: zoomed(state, 0.8) }),
  accept: ({ gesture, smart }) => {
    if (gesture.kind === "path") return { type: "finish-path" };
    return smart?.outline ? { type: "smart-accept" } : null;
  },
};

const nothing = () => null;

/**
 * @param {string} command
 * @param {EditorState} state
 * @returns {Action | null}
 */
function plain(command, state) {
  const { selection, history } = state;
  if (NEED_SELECTION.has(command) && selection.layers.length === 0) return null;
  if (command === "undo" && !canUndo(state)) return null;
  if (command === "redo" && history.future.length === 0) return null;
  return /** @type {Action} */ ({ type: command });
}

/**
 * @param {Overlays} overlays
 * @param {keyof Overlays} name
 * @returns {Action}
 */
function toggled(overlays, name) {
  return { type: "set-overlays", overlays: { [name]: !overlays[name] } };
}

/**
 * @param {EditorState} state
 * @param {string} side
 * @param {number} by
 * @returns {Action | null}
 */
function nudged({ selection }, side, by) {
  if (selection.layers.length === 0) return null;
  const x = side === "left" ? -by : side === "right" ? by : 0;
  const y = side === "up" ? -by : side === "down" ? by : 0;
  return { type: "nudge", by: [x, y] };
}

/** @param {EditorState} state */
function frameOf({ progress, clip }) {
  return nearestFrame(progress, clip.length);
}

/**
 * @param {number} frame
 * @param {EditorState} state
 * @returns {Action}
 */
function moveTo(frame, { clip }) {
  const held = Math.min(Math.max(frame, 0), Math.max(clip.length - 1, 0));
  return { type: "set-progress", progress: progressOfFrame(held, clip.length) };
}

/**
 * @param {EditorState} state
 * @param {boolean} back
 * @returns {Action | null}
 */
function moment({ document, selection, progress }, back) {
  const found = neighbouringMoment(document, selection, progress, back);
  return found === null ? null : { type: "set-progress", progress: found };
}

/**
 * @param {number} brushRadius
 * @returns {Action}
 */
function radius(brushRadius) {
  return { type: "set-options", options: { brushRadius: Math.min(Math.max(Math.round(brushRadius), 2), 512) } };
}
