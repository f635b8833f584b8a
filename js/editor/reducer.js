/** What each action makes of the editor's state. Pure: no page, no clock. */

import { NO_HIT } from "../model/hit.js";
import { NOTHING_SELECTED, normaliseSelection } from "../model/selection.js";
import { boundViewport, fitViewport } from "../model/viewport.js";
import { takeCamera } from "./gestures/camera.js";
import { finishPath, stepBackOnPath } from "./gestures/path.js";
import { finishRecord } from "./gestures/record.js";
import { cancelGesture, reduceGesture, settle } from "./gestures.js";
import { edit, isUnfinished, NO_GESTURE, redo, restore, settleSelection, undo } from "./history.js";
import { nudge, nudgeOn } from "./nudge.js";
import {
  copy,
  cut,
  duplicate,
  group,
  paste,
  pinTheRest,
  presetOn,
  remove,
  selectAll,
  selectNext,
  setKeys,
  toggleVisibility,
  ungroup,
} from "./selection_commands.js";
import { acceptSmart, answeredSmart, failedSmart, startedSmart } from "./smart_select.js";

/** @import { Action, Clip, EditorState, Pair, Selection, Tool, TrackDocument } from "../types.js" */

/**
 * An editor at rest, nothing selected, the playhead at the start.
 *
 * @param {{ document: TrackDocument, clip: Clip, stage?: Pair } & Partial<EditorState>} given
 * @returns {EditorState}
 */
export function initialState({ document, clip, stage = [0, 0], ...others }) {
  return {
    document,
    committed: { document, selection: NOTHING_SELECTED },
    selection: NOTHING_SELECTED,
    history: { past: [], future: [] },
    nudged: null,
    tool: "select",
    options: { brushRadius: 16, smartStroke: "box" },
    gesture: NO_GESTURE,
    hover: NO_HIT,
    viewport: fitViewport(document.width, document.height, stage),
    stage,
    clip,
    progress: 0,
    playing: false,
    overlays: { dots: true, warp: true, model: false, coverage: false, onion: true, achieved: true },
    smart: null,
    measured: null,
    clipboard: [],
    opened: document,
    notice: null,
    ...others,
  };
}

/**
 * Nothing can be selected in an empty document: there the first thing is to draw around something.
 *
 * @param {TrackDocument} document
 * @returns {Tool}
 */
export function openingTool({ layers }) {
  return layers.length ? "select" : "lasso";
}

/**
 * @param {EditorState} state
 * @param {Action} action
 * @returns {EditorState}
 */
export function reduce(state, action) {
  switch (action.type) {
    case "pointer-down":
    case "pointer-move":
    case "pointer-up":
      return reduceGesture(state, action.type, action.input);
    case "cancel-gesture":
      return cancelGesture(state);
    case "finish-path":
      return finishPath(state);
    case "set-tool":
      return setTool(state, action.tool);
    case "undo":
      return stepBack(state);
    case "redo":
      return state.gesture.kind === "path" ? state : redo(cancelGesture(state));
    case "try":
      return tried(state, action.document, action.selection);
    case "keep":
      return state.gesture.kind === "none" ? settle(state) : state;
    case "drop":
      return state.gesture.kind === "none" ? restore(state) : state;
    case "load":
      return load(state, action.document);
    default:
      return reduceView(state, action) ?? reduceCommand(settle(state), action) ?? state;
  }
}

/**
 * What changes neither document nor selection, and leaves an unfinished gesture alone.
 *
 * @param {EditorState} state
 * @param {Action} action
 * @returns {EditorState | null}
 */
function reduceView(state, action) {
  switch (action.type) {
    case "set-options":
      return { ...state, options: { ...state.options, ...action.options } };
    case "set-progress":
      return setProgress(state, action.progress);
    case "play":
      return play(state);
    case "pause":
      return state.gesture.kind === "record" ? finishRecord(state, state.gesture) : { ...state, playing: false };
    case "set-overlays":
      return { ...state, overlays: { ...state.overlays, ...action.overlays } };
    case "set-viewport":
      return { ...state, viewport: boundViewport(action.viewport) };
    case "set-stage":
      return { ...state, stage: action.stage };
    case "set-clip":
      return { ...state, clip: action.clip };
    case "set-measured":
      return { ...state, measured: action.measured };
    case "copy":
      return copy(state);
    case "smart-started":
      return startedSmart(state);
    case "smart-answered":
      return answeredSmart(state, action.outline);
    case "smart-failed":
      return failedSmart(state, action.error);
    case "smart-cancel":
      return { ...state, smart: null };
    case "notice":
      return { ...state, notice: { text: action.text, kind: action.kind } };
    case "dismiss-notice":
      return { ...state, notice: null };
    default:
      return null;
  }
}

/**
 * @param {EditorState} state at rest
 * @param {Action} action
 * @returns {EditorState | null}
 */
function reduceCommand(state, action) {
  switch (action.type) {
    case "edit":
      return edit(state, action.document, action.selection);
    case "revert":
      return edit(state, state.opened);
    case "select":
      return settleSelection({ ...state, selection: normaliseSelection(state.document, action.selection) });
    case "select-all":
      return selectAll(state);
    case "select-next":
      return selectNext(state, action.at, action.back);
    case "cut":
      return cut(state);
    case "paste":
      return paste(state, state.clipboard);
    case "paste-layers":
      return paste(state, action.layers);
    case "duplicate":
      return duplicate(state);
    case "delete":
      return remove(state);
    case "group":
      return group(state);
    case "ungroup":
      return ungroup(state);
    case "nudge":
      return action.again ? nudgeOn(state, action.by) : nudge(state, action.by);
    case "apply-preset":
      return presetOn(state, action.name);
    case "set-key":
      return setKeys(state);
    case "toggle-visibility":
      return toggleVisibility(state);
    case "pin-rest":
      return pinTheRest(state);
    case "smart-accept":
      return acceptSmart(state);
    default:
      return null;
  }
}

/**
 * A path in several clicks is kept; a gesture under the pressed pointer goes on.
 *
 * @param {EditorState} state
 * @param {Tool} tool
 * @returns {EditorState}
 */
function setTool(state, tool) {
  if (tool === state.tool) return state;
  const rest = { ...finishPath(state), tool, hover: NO_HIT, smart: tool === "smart" ? state.smart : null };
  return tool === "camera" && rest.gesture.kind === "none" ? settleSelection(takeCamera(rest)) : rest;
}

/**
 * What is unfinished is what is taken back first, of a path its last click.
 *
 * @param {EditorState} state
 * @returns {EditorState}
 */
function stepBack(state) {
  if (state.gesture.kind === "path") return stepBackOnPath(state, state.gesture);
  return isUnfinished(state) ? cancelGesture(state) : undo(cancelGesture(state));
}

/**
 * @param {EditorState} state
 * @param {TrackDocument} document
 * @param {Selection} [selection]
 * @returns {EditorState}
 */
function tried(state, document, selection) {
  const rest = state.gesture.kind === "none" ? state : settle(state);
  return { ...rest, document, selection: normaliseSelection(document, selection ?? rest.selection) };
}

/**
 * @param {EditorState} state
 * @param {number} progress
 * @returns {EditorState}
 */
function setProgress(state, progress) {
  if (Number.isNaN(progress)) return state;
  const held = Math.max(0, Math.min(1, progress));
  const { gesture } = state;
  // One pass over the clip is all that a recording gets, whether the player starts over or stops at the end.
  if (gesture.kind === "record" && (held < state.progress || held === 1))
    return finishRecord({ ...state, progress: 1 }, gesture);
  return held === state.progress ? state : { ...state, progress: held };
}

/**
 * @param {EditorState} state
 * @returns {EditorState}
 */
function play(state) {
  return { ...state, playing: true, progress: state.progress >= 1 ? 0 : state.progress };
}

/**
 * Another document under the same tools and view; the history starts anew.
 *
 * @param {EditorState} state
 * @param {TrackDocument} document
 * @returns {EditorState}
 */
function load(state, document) {
  const { clip, stage, options, overlays, clipboard, viewport, progress, measured } = state;
  const isOther = (document.layers.length === 0) !== (state.document.layers.length === 0);
  const tool = isOther ? openingTool(document) : state.tool;
  const sameSize = document.width === state.document.width && document.height === state.document.height;
  const fresh = initialState({ document, clip, stage, tool, options, overlays, clipboard, progress, measured });
  return sameSize ? { ...fresh, viewport } : fresh;
}
