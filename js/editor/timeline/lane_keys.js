/** The keyboard on the rows: what can be dragged can be moved with arrows. */

import { changeLayers, moveSpanEdge, shiftTimings, trimTiming } from "../../model/timeline_edits.js";
import { keyPhases, moveKey, removeKey } from "../../model/timeline_keys.js";
import { draggedWith, keySelection, putInDepth, selectRow } from "./acts.js";
import { LATENT, momentOf, nearestFrame, phaseInPass, progressOfFrame, settled } from "./moments.js";

/** @import { KeyTrack, Layer, TrackDocument } from "../../types.js" */
/** @import { TimelinePanel } from "./acts.js" */

/**
 * @param {TimelinePanel} panel
 * @param {HTMLElement} rows the element that all rows lie in
 */
export function listenToKeyboard(panel, rows) {
  const { lifetime, context } = panel;
  let stepping = false;
  const settle = () => {
    if (stepping) context.store.dispatch({ type: "keep" });
    stepping = false;
  };
  lifetime.listen(rows, "keydown", (raw) => {
    const event = /** @type {KeyboardEvent} */ (raw);
    const place = placeOf(event.target);
    if (!place) return;
    const { index, part } = place;
    const steps = stepsOf(event);
    if (steps !== 0 && part.dataset.part !== "name") {
      step(panel, index, part, steps);
      stepping = true;
    } else if (!press(panel, index, part, event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  lifetime.listen(rows, "keyup", settle);
  lifetime.listen(rows, "focusout", settle);
  listenWhileControl(panel, rows);
  lifetime.listen(rows, "click", (raw) => {
    // A pointer's click has selected already, on the press.
    const target = raw.target instanceof Element ? raw.target.closest('[data-part="name"], [data-part="key"]') : null;
    if (/** @type {MouseEvent} */ (raw).detail === 0 && target instanceof HTMLElement) choose(panel, target, raw);
  });
}

/**
 * Full screen, the focus lies in a hidden input while Control is held (focus_keeper.js); the row that had it is meant.
 *
 * @param {TimelinePanel} panel
 * @param {HTMLElement} rows
 */
function listenWhileControl(panel, rows) {
  const { lifetime } = panel;
  /** @type {{ index: number, part: HTMLElement, sink: EventTarget } | null} */
  let lent = null;
  lifetime.listen(rows, "focusout", (raw) => {
    const { target, relatedTarget } = /** @type {FocusEvent} */ (raw);
    const place = placeOf(target);
    const isSink = relatedTarget instanceof Element && relatedTarget.classList.contains("wanmove-sink");
    lent = isSink && place ? { ...place, sink: relatedTarget } : null;
  });
  const whileLent = (/** @type {Event} */ raw) => {
    const event = /** @type {KeyboardEvent} */ (raw);
    if (!lent || event.target !== lent.sink || !/^Arrow(Up|Down)$/.test(event.key)) return;
    if (!press(panel, lent.index, lent.part, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  lifetime.listen(rows.ownerDocument, "keydown", whileLent, { capture: true });
}

/**
 * What of a row an event concerns; null where a control has keys of its own.
 *
 * @param {EventTarget | null} target
 */
function placeOf(target) {
  if (!(target instanceof Element) || target.closest("input, [data-act], .wanmove-bezier-handle")) return null;
  const part = target.closest("[data-part]");
  const row = target.closest("[data-layer]");
  return part instanceof HTMLElement && row instanceof HTMLElement ? { index: Number(row.dataset.layer), part } : null;
}

/**
 * @param {TimelinePanel} panel
 * @param {HTMLElement} part
 * @param {Event} event
 */
function choose(panel, part, event) {
  const { store } = panel.context;
  const row = part.closest("[data-layer]");
  if (!(row instanceof HTMLElement)) return;
  const index = Number(row.dataset.layer);
  if (part.dataset.part === "name") return selectRow(store, index, /** @type {MouseEvent} */ (event));
  const track = /** @type {KeyTrack} */ (part.dataset.track);
  store.dispatch({ type: "select", selection: keySelection(index, track, Number(part.dataset.index)) });
}

/**
 * Frames that an arrow key means: Shift for a latent frame.
 *
 * @param {KeyboardEvent} event
 */
function stepsOf({ key, shiftKey, ctrlKey, metaKey }) {
  if (ctrlKey || metaKey) return 0;
  const direction = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
  return direction * (shiftKey ? LATENT : 1);
}

/**
 * Moves the bar, edge, key or hidden span by frames; shown until the key is released.
 *
 * @param {TimelinePanel} panel
 * @param {number} index
 * @param {HTMLElement} part
 * @param {number} frames
 */
function step({ context: { store } }, index, part, frames) {
  const { document, clip } = store.state();
  const layer = document.layers[index];
  if (layer.locked) return;
  const { timing } = layer.motion;
  /** @type {(moment: number) => number} */
  const moved = (moment) => progressOfFrame(nearestFrame(moment, clip.length) + frames, clip.length);
  /** @type {(change: (layer: Layer) => Layer) => TrackDocument} */
  const changed = (change) => changeLayers(document, [index], change);
  const kind = part.dataset.part;
  const number = Number(part.dataset.index);
  if (kind === "bar") {
    const by = moved(timing.start) - timing.start;
    const shifted = shiftTimings(document, draggedWith(store, index), by, (moment) => settled(moment, clip.length));
    store.dispatch({ type: "try", document: shifted });
  } else if (kind === "start" || kind === "end") {
    const least = progressOfFrame(1, clip.length) || undefined;
    store.dispatch({ type: "try", document: changed((each) => trimTiming(each, kind, moved(timing[kind]), least)) });
  } else if (kind === "span") {
    const side = part.dataset.side === "0" ? 0 : 1;
    const at = moved(layer.visible[number][side]);
    store.dispatch({
      type: "try",
      document: changed((each) => ({ ...each, visible: moveSpanEdge(each.visible, number, side, at) })),
    });
  } else if (kind === "key") {
    const track = /** @type {KeyTrack} */ (part.dataset.track);
    const phase = phaseInPass(timing, moved(momentOf(timing, keyPhases(layer, track)[number])));
    const selection = keySelection(index, track, number);
    store.dispatch({ type: "try", document: changed((each) => moveKey(each, track, number, phase)), selection });
  }
}

/**
 * @param {TimelinePanel} panel
 * @param {number} index
 * @param {HTMLElement} part
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key meant something here
 */
function press(panel, index, part, event) {
  if (part.dataset.part === "key") return pressKey(panel, index, part, event.key);
  if (part.dataset.part !== "name") return false;
  const { store } = panel.context;
  const control = event.ctrlKey || event.metaKey;
  const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (up && control) putRow(panel, index, up);
  else if (up) panel.focusRow(index + up);
  else if (event.key === "F2") panel.rename(index);
  else if (event.key === "ArrowRight" || event.key === "ArrowLeft") panel.setOpened(index, event.key === "ArrowRight");
  else if (event.key === "Home" || event.key === "End")
    panel.focusRow(event.key === "Home" ? store.state().document.layers.length - 1 : 0);
  else return false;
  return true;
}

/**
 * A row and what is selected with it one place up or down; the focus goes with it.
 *
 * @param {TimelinePanel} panel
 * @param {number} index
 * @param {number} up 1 or -1
 */
function putRow(panel, index, up) {
  const { store } = panel.context;
  const { layers } = store.state().selection;
  const chosen = layers.includes(index) ? layers : [index];
  const place = chosen.indexOf(index);
  putInDepth(store, chosen, up > 0 ? Math.max(...chosen) + 2 : Math.min(...chosen) - 1);
  panel.focusRow(store.state().selection.layers[place] ?? index);
}

/**
 * @param {TimelinePanel} panel
 * @param {number} index
 * @param {HTMLElement} part
 * @param {string} key
 */
function pressKey({ context: { store } }, index, part, key) {
  const track = /** @type {KeyTrack} */ (part.dataset.track);
  const number = Number(part.dataset.index);
  if (key === "Delete" || key === "Backspace") {
    const { document } = store.state().committed;
    if (document.layers[index].locked) return true;
    const edited = changeLayers(document, [index], (layer) => removeKey(layer, track, number));
    store.dispatch({ type: "edit", document: edited, selection: { layers: [index], points: [], key: null } });
    return true;
  }
  const neighbour = { ArrowUp: part.previousElementSibling, ArrowDown: part.nextElementSibling }[key];
  if (neighbour instanceof HTMLElement) neighbour.focus();
  return neighbour !== undefined;
}
