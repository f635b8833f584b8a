/** Commands on what is selected: clipboard, deleting, groups, keys, presets. Each is one undo step. */

import {
  addLayers,
  changeLayers,
  copiesBeside,
  groupLayers,
  holdAt,
  isFull,
  pinRest,
  removeLayers,
  removePathPoints,
  removeRegionPoints,
  setLayer,
  toggleVisible,
  ungroupLayers,
  unlocked,
} from "../model/edits.js";
import { hitAll } from "../model/hit.js";
import { applyPreset, PRESETS } from "../model/presets.js";
import { NOTHING_SELECTED, onlyLayer, selectLayers } from "../model/selection.js";
import { momentOf } from "../model/selection_box.js";
import { removeKey } from "../model/timeline_keys.js";
import { withCamera } from "./gestures/camera.js";
import { note } from "./gestures/pointer.js";
import { edit, settleSelection } from "./history.js";

/** @import { EditorState, ImagePoint, Layer } from "../types.js" */

/** CSS pixels within which Tab finds what is too small to be met exactly. */
const REACH = 7;

/**
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function selectAll(state) {
  return select(state, unlocked(state.document, [...state.document.layers.keys()]));
}

/**
 * The next of the layers that overlap at a place, downwards; without a place of all layers, bottom to top.
 *
 * @param {EditorState} state
 * @param {ImagePoint | null} at
 * @param {boolean} back
 * @returns {EditorState}
 */
export function selectNext(state, at, back) {
  const under = at ? hitAll(state, at, REACH).flatMap((hit) => (hit.kind === "layer" ? [hit.layer] : [])) : [];
  const round = under.length ? under : [...state.document.layers.keys()];
  if (!round.length) return state;
  const now = round.indexOf(onlyLayer(state.selection));
  const next = now < 0 ? (back ? round.length - 1 : 0) : (now + (back ? -1 : 1) + round.length) % round.length;
  return select(state, [round[next]]);
}

/**
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function copy(state) {
  const { layers } = state.selection;
  return layers.length ? { ...state, clipboard: layers.map((index) => state.document.layers[index]) } : state;
}

/**
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function cut(state) {
  const free = unlocked(state.document, state.selection.layers);
  if (!free.length) return refused(state);
  const clipboard = free.map((index) => state.document.layers[index]);
  return edit({ ...state, clipboard }, removeLayers(state.document, free), NOTHING_SELECTED);
}

/**
 * Layers on top, a bit to the side, selected. Pasted again, they go on to the side.
 *
 * @param {EditorState} state
 * @param {readonly Layer[]} layers
 * @returns {EditorState}
 */
export function paste(state, layers) {
  const { document } = state;
  if (!layers.length) return state;
  if (isFull(document, layers.length)) return note(state, "notice.full", "error");
  const copies = copiesBeside(document, layers);
  const indices = copies.map((_, index) => document.layers.length + index);
  return edit({ ...state, clipboard: copies }, addLayers(document, copies), selectLayers(indices));
}

/**
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function duplicate(state) {
  const chosen = state.selection.layers.map((index) => state.document.layers[index]);
  return { ...paste(state, chosen), clipboard: state.clipboard };
}

/**
 * Deletes the selected path points, else the selected key, corners or layers.
 *
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function remove(state) {
  const { document, selection } = state;
  const { layers, points, key, regionPoints } = selection;
  if (!layers.length && !key) return state;
  const free = unlocked(document, key ? [key.layer] : layers);
  if (!free.length) return refused(state);
  if (points.length)
    return edit(
      state,
      changeLayers(document, free, (layer) => removePathPoints(layer, points)),
      { ...selection, points: [] },
    );
  if (key)
    return edit(
      state,
      changeLayers(document, free, (layer) => removeKey(layer, key.track, key.index)),
      { ...selection, key: null },
    );
  if (regionPoints) return removeCorners(state, free[0], regionPoints);
  return edit(state, removeLayers(document, free), NOTHING_SELECTED);
}

/**
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function group(state) {
  return edit(state, groupLayers(state.document, state.selection.layers));
}

/**
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function ungroup(state) {
  return edit(state, ungroupLayers(state.document, state.selection.layers));
}

/**
 * A preset on every selected layer; with nothing selected on the camera, which is made if there is none.
 *
 * @param {EditorState} state
 * @param {string} name
 * @returns {EditorState}
 */
export function presetOn(state, name) {
  if (!PRESETS.some((preset) => preset.name === name)) return state;
  const { selection } = state;
  const aimed = selection.layers.length ? state : aimAtCamera(state);
  const free = unlocked(aimed.document, aimed.selection.layers);
  if (!free.length) return aimed.selection.layers.length ? refused(state) : aimed;
  const { document } = aimed;
  return edit(
    state,
    changeLayers(document, free, (layer) => applyPreset(document, layer, name)),
    aimed.selection,
  );
}

/**
 * Keys of the selected layers at the playhead, with the values that they have there.
 *
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function setKeys(state) {
  const moment = momentOf(state);
  return onSelected(state, (layer) => holdAt(layer, moment));
}

/**
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function toggleVisibility(state) {
  const moment = momentOf(state);
  return onSelected(state, (layer) => toggleVisible(layer, moment));
}

/**
 * Everything outside the other layers pinned; the selected layers stay selected.
 *
 * @param {EditorState} state
 * @returns {EditorState}
 */
export function pinTheRest(state) {
  const { document, selection } = state;
  if (isFull(document) && !document.layers.some((layer) => layer.region.kind === "rest"))
    return note(state, "notice.full", "error");
  const pinned = pinRest(document);
  if (pinned === document) return note(state, "notice.rest-there", "note");
  if (pinned.layers.length === document.layers.length) return edit(state, pinned);
  const key = selection.key && { ...selection.key, layer: selection.key.layer + 1 };
  return edit(state, pinned, { ...selection, layers: selection.layers.map((index) => index + 1), key });
}

/**
 * @param {EditorState} state
 * @param {number} index
 * @param {readonly number[]} corners
 * @returns {EditorState}
 */
function removeCorners(state, index, corners) {
  const layer = state.document.layers[index];
  const fewer = removeRegionPoints(layer, corners);
  if (fewer === layer) return note(state, "notice.last-corners", "note");
  return edit(state, setLayer(state.document, index, fewer), selectLayers([index]));
}

/**
 * @param {EditorState} state
 * @param {(layer: Layer) => Layer} change
 * @returns {EditorState}
 */
function onSelected(state, change) {
  const { document, selection } = state;
  if (!selection.layers.length) return note(state, "notice.nothing-selected", "note");
  const free = unlocked(document, selection.layers);
  return free.length ? edit(state, changeLayers(document, free, change)) : refused(state);
}

/**
 * @param {EditorState} state
 * @returns {EditorState}
 */
function aimAtCamera(state) {
  const aimed = withCamera(state);
  const camera = aimed.document.layers.findLastIndex((layer) => layer.region.kind === "frame" && layer.enabled);
  return camera < 0 ? aimed : { ...aimed, selection: selectLayers([camera]) };
}

/**
 * @param {EditorState} state
 * @param {readonly number[]} layers
 * @returns {EditorState}
 */
function select(state, layers) {
  return settleSelection({ ...state, selection: selectLayers(layers) });
}

/**
 * @param {EditorState} state
 * @returns {EditorState}
 */
function refused(state) {
  return state.selection.layers.length ? note(state, "notice.locked", "note") : state;
}
