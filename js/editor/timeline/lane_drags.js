/** What presses and drags on the rows do. One listener for all of them: rows come and go while one scrolls. */

import { changeLayers, moveSpanEdge, possibleShift, shiftTimings, trimTiming } from "../../model/timeline_edits.js";
import { keyPhases, moveKey } from "../../model/timeline_keys.js";
import { onDrag } from "../drag.js";
import { draggedWith, editingDrag, keySelection, putInDepth, selectRow } from "./acts.js";
import { pressTwice } from "./double_press.js";
import { momentOf, phaseInPass, progressOfFrame, settled, snapped } from "./moments.js";
import { pressHead } from "./row.js";
import { depthAt } from "./rows.js";

/** @import { KeyTrack, Layer } from "../../types.js" */
/** @import { Drag } from "../drag.js" */
/** @import { TimelinePanel } from "./acts.js" */

/**
 * What was pressed, and where the pointer is on its lane.
 *
 * @typedef {object} Grip
 * @property {TimelinePanel} panel
 * @property {number} index of the layer
 * @property {HTMLElement} part
 * @property {HTMLElement} rows
 * @property {(event: MouseEvent) => number} progressAt
 */

/** Clip progress. */
const NEAR = 1e-6;

/** @type {Readonly<Record<string, (grip: Grip, event: PointerEvent) => Drag | null>>} */
const STARTS = {
  name: startHead,
  head: startHead,
  bar: startBar,
  start: startEdge,
  end: startEdge,
  key: startKey,
  span: startSpan,
  lane: pressLane,
  track: pressLane,
};

/**
 * @param {TimelinePanel} panel
 * @param {HTMLElement} rows the element that all rows lie in
 */
export function listenToPointer(panel, rows) {
  const { lifetime } = panel;
  /** @type {Grip | null} */
  let pressed = null;
  onDrag(lifetime, rows, (event) => {
    pressed = gripOf(panel, rows, event);
    return pressed ? STARTS[pressed.part.dataset.part ?? ""]?.(pressed, event) : null;
  });
  lifetime.listen(rows, "dblclick", (event) => {
    if (pressed) pressTwice(pressed, /** @type {MouseEvent} */ (event));
  });
  lifetime.listen(rows, "click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-act]") : null;
    const row = button?.closest("[data-layer]");
    if (button instanceof HTMLElement && row instanceof HTMLElement) {
      pressHead(panel, Number(row.dataset.layer), button.dataset.act ?? "");
    }
  });
}

/**
 * @param {TimelinePanel} panel
 * @param {HTMLElement} rows
 * @param {PointerEvent} event
 * @returns {Grip | null}
 */
function gripOf(panel, rows, event) {
  const target = event.target instanceof Element ? event.target : null;
  if (!target || target.closest("[data-act], input, .wanmove-bezier-handle")) return null;
  const part = target.closest("[data-part]");
  const row = target.closest("[data-layer]");
  if (!(part instanceof HTMLElement && row instanceof HTMLElement)) return null;
  const lane = part.closest(".wanmove-lane") ?? row;
  const inner = lane.querySelector(".wanmove-lane-inner") ?? lane;
  /** @type {Grip["progressAt"]} */
  const progressAt = ({ clientX }) => {
    const { left, width } = inner.getBoundingClientRect();
    return Math.max(0, Math.min(1, (clientX - left) / (width || 1)));
  };
  return { panel, index: Number(row.dataset.layer), part, rows, progressAt };
}

/**
 * Drag up or down: depth. A click selects.
 *
 * @param {Grip} grip
 * @param {PointerEvent} press
 * @returns {Drag}
 */
function startHead({ panel, index, rows }, press) {
  const { store } = panel.context;
  const wasSelected = store.state().selection.layers.includes(index);
  if (!wasSelected) selectRow(store, index, press);
  /** @type {number | null} */
  let to = null;
  const placeOf = (/** @type {PointerEvent} */ event) => {
    const { top, height } = rows.getBoundingClientRect();
    return depthAt(panel.tops(), (event.clientY - top) * (rows.offsetHeight / (height || 1)));
  };
  return {
    move(event) {
      to = placeOf(event);
      panel.showDrop(to);
    },
    end(_event, moved) {
      panel.showDrop(null);
      const { layers } = store.state().selection;
      if (moved && to !== null) putInDepth(store, layers.includes(index) ? layers : [index], to);
      else if (!moved && wasSelected) selectRow(store, index, press);
    },
    cancel: () => panel.showDrop(null),
  };
}

/**
 * @param {Grip} grip
 * @param {PointerEvent} press
 * @returns {Drag | null}
 */
function startBar({ panel, index, progressAt }, press) {
  const { store } = panel.context;
  if (!store.state().selection.layers.includes(index) || press.ctrlKey || press.metaKey)
    selectRow(store, index, { ...plainPress, ctrlKey: press.ctrlKey, metaKey: press.metaKey });
  const indices = draggedWith(store, index);
  if (indices.length === 0 || !indices.includes(index)) return null;
  const { committed, clip } = store.state();
  const { start } = committed.document.layers[index].motion.timing;
  const from = progressAt(press);
  return editingDrag(
    store,
    (event) => {
      const shift = possibleShift(committed.document, indices, progressAt(event) - from);
      const by = event.shiftKey ? shift : snapped(start + shift, clip.length) - start;
      return shiftTimings(committed.document, indices, by, (moment) => settled(moment, clip.length));
    },
    () => !press.ctrlKey && !press.metaKey && selectRow(store, index),
  );
}

const plainPress = { ctrlKey: false, metaKey: false, shiftKey: false };

/**
 * @param {Grip} grip
 * @returns {Drag | null}
 */
function startEdge(grip) {
  const { store } = grip.panel.context;
  selectRow(store, grip.index);
  if (store.state().committed.document.layers[grip.index].locked) return null;
  return trimming(grip, grip.part.dataset.part === "start" ? "start" : "end");
}

/**
 * @param {Grip} grip
 * @param {"start" | "end"} edge
 * @returns {Drag}
 */
function trimming({ panel, index, progressAt }, edge) {
  const { store } = panel.context;
  const { committed, clip } = store.state();
  return editingDrag(store, (event) => {
    const at = event.shiftKey ? progressAt(event) : snapped(progressAt(event), clip.length);
    const least = event.shiftKey ? undefined : progressOfFrame(1, clip.length) || undefined;
    return changeLayers(committed.document, [index], (layer) => trimTiming(layer, edge, at, least));
  });
}

/**
 * @param {Grip} grip
 * @param {PointerEvent} press
 * @returns {Drag | null}
 */
function startKey(grip, press) {
  const { panel, index, part, progressAt } = grip;
  const { store } = panel.context;
  const track = /** @type {KeyTrack} */ (part.dataset.track);
  const key = Number(part.dataset.index);
  store.dispatch({ type: "select", selection: keySelection(index, track, key) });
  const { committed, clip } = store.state();
  const layer = committed.document.layers[index];
  if (layer.locked) return null;
  const { timing } = layer.motion;
  const edge = edgeAt(layer, track, key);
  if (edge) return trimming(grip, edge);
  const offset = momentOf(timing, keyPhases(layer, track)[key]) - progressAt(press);
  return editingDrag(store, (event) => {
    const wished = progressAt(event) + offset;
    const at = event.shiftKey ? wished : snapped(wished, clip.length);
    return changeLayers(committed.document, [index], (each) => moveKey(each, track, key, phaseInPass(timing, at)));
  });
}

/**
 * The edge of the motion that a key is bound to: first and last point of a path cannot move in the motion, but with its
 * start and end.
 *
 * @param {Layer} layer
 * @param {KeyTrack} track
 * @param {number} key
 * @returns {"start" | "end" | null}
 */
function edgeAt(layer, track, key) {
  const phases = keyPhases(layer, track);
  if (track !== "path" || (key > 0 && key < phases.length - 1)) return null;
  const { timing } = layer.motion;
  const at = momentOf(timing, phases[key]);
  if (Math.abs(at - timing.start) < NEAR) return "start";
  return Math.abs(at - timing.end) < NEAR ? "end" : null;
}

/**
 * @param {Grip} grip
 * @returns {Drag | null}
 */
function startSpan({ panel, index, part, progressAt }) {
  const { store } = panel.context;
  selectRow(store, index);
  const { committed, clip } = store.state();
  if (committed.document.layers[index].locked) return null;
  const [span, side] = [Number(part.dataset.index), part.dataset.side === "0" ? 0 : 1];
  return editingDrag(store, (event) => {
    const at = event.shiftKey ? progressAt(event) : snapped(progressAt(event), clip.length);
    return changeLayers(committed.document, [index], (layer) => ({
      ...layer,
      visible: moveSpanEdge(layer.visible, span, /** @type {0 | 1} */ (side), at),
    }));
  });
}

/**
 * @param {Grip} grip
 * @param {PointerEvent} press
 * @returns {null}
 */
function pressLane({ panel, index }, press) {
  selectRow(panel.context.store, index, press);
  return null;
}
