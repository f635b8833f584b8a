/** Undo by snapshots of document and selection: documents share what did not change, so a snapshot costs little. */

import { normaliseSelection } from "../model/selection.js";
import { isSame } from "../model/values.js";

/** @import { EditorState, Gesture, Selection, Snapshot, TrackDocument } from "../types.js" */

export const MOST_STEPS = 200;

/** @type {Gesture} */
export const NO_GESTURE = Object.freeze({ kind: "none" });

/**
 * Makes what is shown the committed state, as one step; none where nothing changed.
 *
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function commit(state) {
  const { committed, history } = state;
  if (state.document === committed.document) return settleSelection(state);
  if (isSame(state.document, committed.document)) return settleSelection({ ...state, document: committed.document });
  const past = [...history.past, committed].slice(-MOST_STEPS);
  return {
    ...state,
    committed: { document: state.document, selection: state.selection },
    history: { past, future: [] },
  };
}

/**
 * Makes what is shown the committed state as a part of the last step.
 *
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function commitInto(state) {
  return { ...state, committed: { document: state.document, selection: state.selection } };
}

/**
 * One step from the committed state to `document`.
 *
 * @param {EditorState} state
 * @param {TrackDocument} document
 * @param {Selection} [selection]
 * @returns {EditorState}
 */
export function edit(state, document, selection = state.selection) {
  return commit({ ...state, document, selection: normaliseSelection(document, selection) });
}

/**
 * The committed state back; an unfinished gesture or scrub is gone.
 *
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function restore(state) {
  const { document, selection } = state.committed;
  if (state.gesture === NO_GESTURE && state.document === document && state.selection === selection) return state;
  return { ...state, document, selection, gesture: NO_GESTURE };
}

/**
 * Whether a gesture or scrub has changed the document and is not finished.
 *
 * @param {EditorState} state
 */
export function isUnfinished(state) {
  return state.document !== state.committed.document;
}

/**
 * Whether there is something that undo would take back.
 *
 * @param {EditorState} state
 */
export function canUndo(state) {
  return state.history.past.length > 0 || state.gesture.kind === "path" || isUnfinished(state);
}

/**
 * Remembers the selection for the next step back; what is selected is no step of its own.
 *
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function settleSelection(state) {
  if (state.document !== state.committed.document || state.selection === state.committed.selection) return state;
  return { ...state, committed: { document: state.document, selection: state.selection } };
}

/**
 * @param {EditorState} state at rest
 * @returns {EditorState}
 */
export function undo(state) {
  const { past, future } = state.history;
  const before = past.at(-1);
  if (!before) return state;
  return show(state, before, { past: past.slice(0, -1), future: [state.committed, ...future] });
}

/**
 * @param {EditorState} state at rest
 * @returns {EditorState}
 */
export function redo(state) {
  const { past, future } = state.history;
  const after = future[0];
  if (!after) return state;
  return show(state, after, { past: [...past, state.committed], future: future.slice(1) });
}

/**
 * @param {EditorState} state
 * @param {Snapshot} snapshot
 * @param {import("../types.js").History} history
 * @returns {EditorState}
 */
function show(state, snapshot, history) {
  return { ...state, ...snapshot, committed: snapshot, history, nudged: null, gesture: NO_GESTURE };
}
