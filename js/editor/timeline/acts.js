/** What the timeline's rows ask of the store. */

import { unlocked } from "../../model/edits/layers.js";
import { selectLayers } from "../../model/selection.js";
import { moveLayers } from "../../model/timeline_edits.js";

/** @import { EditorContext, KeyTrack, Lifetime, Selection, Store, TrackDocument } from "../../types.js" */
/** @import { Drag } from "../drag.js" */

/**
 * What all rows share.
 *
 * @typedef {object} TimelinePanel
 * @property {EditorContext} context
 * @property {Lifetime} lifetime
 * @property {(index: number) => boolean} isOpened
 * @property {(index: number, opened: boolean) => void} setOpened
 * @property {(index: number) => void} focusRow
 * @property {(index: number) => void} rename
 * @property {() => readonly number[]} tops
 * @property {(to: number | null) => void} showDrop where a dragged row would go; null = nowhere
 */

/** @type {readonly KeyTrack[]} */
export const KEY_TRACKS = ["path", "rotation", "scale"];

/**
 * A drag that shows a document for each place of the pointer and keeps the last.
 *
 * @param {Store} store
 * @param {(event: PointerEvent) => TrackDocument} edit
 * @param {() => void} [click] where the pointer never moved
 * @returns {Drag}
 */
export function editingDrag(store, edit, click) {
  return {
    move: (event) => store.dispatch({ type: "try", document: edit(event) }),
    end: (_event, moved) => (moved ? store.dispatch({ type: "keep" }) : click?.()),
    cancel: () => store.dispatch({ type: "drop" }),
  };
}

/**
 * Selects a layer as a press on it does: Control adds or takes away, Shift takes all from the first selected one on.
 *
 * @param {Store} store
 * @param {number} index
 * @param {{ ctrlKey: boolean, metaKey: boolean, shiftKey: boolean }} [event]
 */
export function selectRow(store, index, event) {
  const { layers } = store.state().selection;
  const chosen = chosenBy(layers, index, event);
  if (chosen.length === layers.length && chosen.every((layer) => layers.includes(layer))) return;
  store.dispatch({ type: "select", selection: selectLayers(chosen) });
}

/**
 * The selection of one key, and with it its layer and point.
 *
 * @param {number} layer
 * @param {KeyTrack} track
 * @param {number} index
 * @returns {Selection}
 */
export function keySelection(layer, track, index) {
  return { layers: [layer], points: track === "path" ? [index] : [], key: { layer, track, index } };
}

/**
 * The layers that a drag of this one concerns: all selected ones if it is selected, without the locked.
 *
 * @param {Store} store
 * @param {number} index
 */
export function draggedWith(store, index) {
  const { document, selection } = store.state();
  return unlocked(document, selection.layers.includes(index) ? selection.layers : [index]);
}

/**
 * Puts layers elsewhere in depth as one step; they stay selected.
 *
 * @param {Store} store
 * @param {readonly number[]} indices
 * @param {number} to as for `moveLayers`
 */
export function putInDepth(store, indices, to) {
  const { committed } = store.state();
  const moved = moveLayers(committed.document, indices, Math.max(0, Math.min(committed.document.layers.length, to)));
  if (moved.document === committed.document) return;
  store.dispatch({ type: "edit", document: moved.document, selection: selectLayers(moved.indices) });
}

/**
 * @param {readonly number[]} layers
 * @param {number} index
 * @param {{ ctrlKey: boolean, metaKey: boolean, shiftKey: boolean }} [event]
 */
function chosenBy(layers, index, event) {
  if (event?.ctrlKey || event?.metaKey) {
    return layers.includes(index) ? layers.filter((layer) => layer !== index) : [...layers, index];
  }
  if (!event?.shiftKey || layers.length === 0) return [index];
  const [low, high] = [Math.min(layers[0], index), Math.max(layers[0], index)];
  return Array.from({ length: high - low + 1 }, (_, offset) => low + offset);
}
