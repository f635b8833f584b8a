/** Rotation or scale keys of the selected layer: when, how much, and how it goes on from there. */

import { addKey, KEY_VALUES, moveKey, removeKey, setKey } from "../../model/timeline_keys.js";
import { h } from "../dom.js";
import { EasingEditor, easingName, easingPicture, sameEasing } from "../easing_editor.js";
import { momentOf, phaseInPass, snapped } from "../timeline/moments.js";
import { foldOf, iconButton, numberOf, wordButton } from "./fields.js";
import { createList } from "./list.js";

/** @import { Easing, Layer } from "../../types.js" */
/** @import { InspectorPanel, InspectorView, Section } from "./panel.js" */
/** @typedef {"rotation" | "scale"} ValueTrack */

/** Rows at a time; longer lists show those around the selected key. */
const MOST_ROWS = 40;

/**
 * @param {InspectorPanel} panel
 * @param {ValueTrack} track
 * @returns {Section}
 */
export function createKeys(panel, track) {
  const { texts } = panel;
  const add = wordButton(panel, texts("inspector.keys.add"), () => addAtPlayhead(panel, track));
  const several = h("p", { class: "wanmove-hint" }, texts("inspector.keys.several"));
  const none = h("p", { class: "wanmove-hint" }, texts(`inspector.keys.none.${track}`));
  const range = h("p", { class: "wanmove-hint" });
  const list = createList(
    panel,
    (view) => rowsOf(view, track).join(),
    (inner, view) => rowsOf(view, track).map((index) => keyRow(inner, track, index)),
  );
  const easing = createKeyEasing(panel, track);
  return {
    element: foldOf(
      texts(`inspector.${track}`),
      several,
      none,
      range,
      list.element,
      easing.element,
      h("div", { class: "wanmove-buttons" }, add),
    ),
    update(view) {
      const { only } = view;
      const count = only?.motion[track].length ?? 0;
      const rows = rowsOf(view, track);
      several.hidden = only !== null;
      none.hidden = only === null || count > 0;
      range.hidden = rows.length === count;
      range.textContent = texts("inspector.keys.range", { from: (rows[0] ?? 0) + 1, to: (rows.at(-1) ?? 0) + 1, of: count });
      add.disabled = only === null || view.locked;
      list.update(view);
      easing.update(view);
    },
  };
}

/**
 * Indices of the keys that have a row.
 *
 * @param {InspectorView} view
 * @param {ValueTrack} track
 */
function rowsOf({ only, key }, track) {
  const count = only?.motion[track].length ?? 0;
  const chosen = key?.track === track ? key.index : 0;
  const first = Math.max(0, Math.min(count - MOST_ROWS, chosen - MOST_ROWS / 2));
  return Array.from({ length: Math.min(count, MOST_ROWS) }, (_, row) => first + row);
}

/**
 * @param {InspectorPanel} panel
 * @param {ValueTrack} track
 * @param {number} index
 * @returns {Section}
 */
function keyRow(panel, track, index) {
  const { texts } = panel;
  const number = index + 1;
  const name = (/** @type {string} */ key) => texts(key, { track: texts(`timeline.track.${track}`), number });
  const time = numberOf(
    panel,
    { label: "", name: name("inspector.key.frame"), low: 0, high: 1, digits: 1 },
    {
      read: ({ motion }) => (motion[track][index] ? momentOf(motion.timing, motion[track][index].time) : undefined),
      write: (layer, at) => moveKey(layer, track, index, phaseInPass(layer.motion.timing, at)),
    },
    ({ clip }) => ({ factor: Math.max(1, clip.length - 1), unit: "" }),
  );
  const { low, high } = KEY_VALUES[track];
  const look = track === "scale" ? { step: 0.01, digits: 3, unit: "×" } : { step: 1, digits: 2, unit: "°" };
  const value = numberOf(
    panel,
    { label: "", name: name("inspector.key.value"), low, high, ...look },
    {
      read: ({ motion }) => motion[track][index]?.value,
      write: (layer, to) => setKey(layer, track, index, { value: to }),
    },
  );
  const easing = h("button", { type: "button", class: "wanmove-icon-button" });
  panel.lifetime.listen(easing, "click", () => selectKey(panel, track, index));
  const remove = iconButton(panel, "remove", name("inspector.key.remove"), () =>
    panel.edit((layer) => removeKey(layer, track, index), { key: null }),
  );
  const element = h("div", { class: "wanmove-key-row" }, time.element, value.element, easing, remove);
  /** @type {Easing | undefined} */
  let shown;
  return {
    element,
    update(view) {
      const key = view.only?.motion[track][index];
      if (!key) return;
      time.update(view);
      value.update(view);
      element.classList.toggle("wanmove-selected", view.key?.track === track && view.key.index === index);
      easing.disabled = view.locked || index === (view.only?.motion[track].length ?? 0) - 1;
      remove.disabled = view.locked;
      if (easing.childElementCount > 0 && sameEasing(shown, key.easing)) return;
      shown = key.easing;
      easing.title = `${name("inspector.key.easing")}: ${easingName(texts, key.easing)}`;
      easing.setAttribute("aria-label", easing.title);
      easing.replaceChildren(easingPicture(key.easing));
    },
  };
}

/**
 * The easing from the selected key to the next.
 *
 * @param {InspectorPanel} panel
 * @param {ValueTrack} track
 * @returns {Section}
 */
function createKeyEasing(panel, track) {
  const { store, texts } = panel;
  const chosen = () => {
    const { key } = store.state().selection;
    return key?.track === track ? key.index : -1;
  };
  const editor = new EasingEditor(panel.lifetime, texts, texts("inspector.key.onward"), {
    attempt: (change) =>
      panel.attempt((layer) => {
        const key = layer.motion[track][chosen()];
        return key ? setKey(layer, track, chosen(), { easing: change(key.easing) }) : layer;
      }),
    keep: () => panel.keep(),
    drop: () => panel.drop(),
  });
  return {
    element: editor.element,
    update({ only, key, locked }) {
      const keys = only?.motion[track] ?? [];
      const index = key?.track === track ? key.index : -1;
      editor.element.hidden = index < 0 || index >= keys.length - 1;
      if (!editor.element.hidden) editor.update(keys[index].easing, locked);
    },
  };
}

/**
 * @param {InspectorPanel} panel
 * @param {ValueTrack} track
 * @param {number} index
 */
function selectKey({ store }, track, index) {
  const { selection } = store.state();
  const key = { layer: selection.layers[0], track, index };
  store.dispatch({ type: "select", selection: { ...selection, points: [], key } });
}

/**
 * @param {InspectorPanel} panel
 * @param {ValueTrack} track
 */
function addAtPlayhead(panel, track) {
  const { progress, clip, selection, committed } = panel.store.state();
  const layer = committed.document.layers[selection.layers[0]];
  const phase = phaseInPass(layer.motion.timing, snapped(progress, clip.length));
  const added = addKey(layer, track, phase);
  /** @type {(each: Layer) => Layer} */
  const change = (each) => (each === layer ? added.layer : each);
  panel.edit(change, { key: { layer: selection.layers[0], track, index: added.index } });
}
