/** What each action makes of the editor's state. Pure: no page, no clock. */

import { NOTHING_SELECTED, normaliseSelection } from "../model/selection.js";
import { boundViewport, fitViewport } from "../model/viewport.js";
import { reduceGesture } from "./gestures.js";
import { commit, edit, NO_GESTURE, redo, restore, settleSelection, undo } from "./history.js";

/** @import { Action, Clip, EditorState, Pair, TrackDocument } from "../types.js" */

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
    tool: "select",
    options: { brushRadius: 16, smartStroke: "box" },
    gesture: NO_GESTURE,
    hover: { kind: "nothing" },
    viewport: fitViewport(document.width, document.height, stage),
    stage,
    clip,
    progress: 0,
    playing: false,
    overlays: { dots: true, warp: true, model: false, coverage: false, onion: true },
    smart: null,
    clipboard: [],
    opened: document,
    notice: null,
    ...others,
  };
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
    case "set-tool":
      return { ...state, tool: action.tool };
    case "set-options":
      return { ...state, options: { ...state.options, ...action.options } };
    case "edit":
      return edit(state, action.document, action.selection);
    case "try":
      return {
        ...state,
        document: action.document,
        selection: normaliseSelection(action.document, action.selection ?? state.selection),
      };
    case "keep":
      return commit(state);
    case "drop":
    case "cancel-gesture":
      return restore(state);
    case "undo":
      return undo(state);
    case "redo":
      return redo(state);
    case "revert":
      return edit(state, state.opened);
    case "select":
      return settleSelection({ ...state, selection: normaliseSelection(state.document, action.selection) });
    case "set-progress":
      return { ...state, progress: action.progress };
    case "play":
      return { ...state, playing: true };
    case "pause":
      return { ...state, playing: false };
    case "set-overlays":
      return { ...state, overlays: { ...state.overlays, ...action.overlays } };
    case "set-viewport":
      return { ...state, viewport: boundViewport(action.viewport) };
    case "set-stage":
      return { ...state, stage: action.stage };
    case "set-clip":
      return { ...state, clip: action.clip };
    case "notice":
      return { ...state, notice: { text: action.text, kind: action.kind } };
    case "dismiss-notice":
      return { ...state, notice: null };
    case "load":
      return load(state, action.document);
    default:
      return state;
  }
}

/**
 * Another document under the same tools and view; the history starts anew.
 *
 * @param {EditorState} state
 * @param {TrackDocument} document
 * @returns {EditorState}
 */
function load(state, document) {
  const { clip, stage, tool, options, overlays, clipboard, viewport, progress } = state;
  const sameSize = document.width === state.document.width && document.height === state.document.height;
  const fresh = initialState({ document, clip, stage, tool, options, overlays, clipboard, progress });
  return sameSize ? { ...fresh, viewport } : fresh;
}
