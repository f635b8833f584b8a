/** The motion presets: a row each, with a glyph that moves while it is pointed at. */

import { PRESETS } from "../model/presets.js";
import { h } from "./dom.js";
import { s } from "./icons.js";
import { watch } from "./watch.js";

/** @import { TrackDocument, Selection, Texts } from "../types.js" */
/** @import { Shell } from "./shell.js" */

/** What a glyph shows at rest beside its square: the way that it will go. The moving is in the style sheet. */
/** @type {Readonly<Record<string, string>>} */
const WAYS = {
  pan: "M6 12H24M20.5 8.5 24 12 20.5 15.5",
  zoom: "M7 3H4V6M25 3H28V6M7 21H4V18M25 21H28V18",
  dolly: "M4 20 11 15.5M28 20 21 15.5M4 4 11 8.5M28 4 21 8.5",
  roll: "M8 16.5A9 9 0 1 1 23 17.5M23.6 13.6 23 17.5 19 17.4",
  orbit: "M16 4.5A9.5 7.5 0 1 1 15.9 4.5",
  pendulum: "M16 2V10M5.5 14.5A12 12 0 0 0 26.5 14.5",
  sway: "M5 12H27M8 9 5 12 8 15M24 9 27 12 24 15",
  wave: "M2 12C5 6 8 6 11 12S17 18 20 12 26 6 30 12",
  gravity: "M4 4C9 4 11 12 12 20 13.5 12 17 9 20 20 21.5 15.5 24 14.5 26 20",
  spring: "M2 5V19M2 12H4L5 8.5 7 15.5 9 8.5 10 12H11.5",
  breathe: "M16 3.5A8.5 8.5 0 1 1 15.9 3.5",
  explode: "M16 4V1.5M16 20V22.5M8 12H4M24 12H28M10.3 6.3 7.8 3.8M21.7 6.3 24.2 3.8M10.3 17.7 7.8 20.2M21.7 17.7 24.2 20.2",
  shake: "M6 5V19M9.5 8V16M26 5V19M22.5 8V16",
};

/**
 * @param {Shell} shell
 * @returns {HTMLElement}
 */
export function createPresetsMenu({ context, lifetime, popovers }) {
  const { store, texts } = context;
  const head = h("p", { class: "wanmove-menu-head" });
  const list = h("div", { class: "wanmove-presets" });
  for (const { name } of PRESETS) {
    const row = h(
      "button",
      { type: "button", role: "menuitem", class: `wanmove-preset wanmove-preset-${name}` },
      glyph(name),
      h("span", { class: "wanmove-preset-name" }, texts(`preset.${name}`)),
      h("span", { class: "wanmove-preset-line" }, texts(`preset.${name}.line`)),
    );
    row.dataset.preset = name;
    lifetime.listen(row, "click", () => {
      popovers.close();
      store.dispatch({ type: "apply-preset", name });
    });
    list.append(row);
  }
  watch(
    store,
    lifetime,
    ({ document, selection }) => [subjectOf(texts, document, selection)],
    (subject) => {
      head.textContent = subject;
    },
  );
  return h("div", { class: "wanmove-presets-menu" }, head, list);
}

/**
 * @param {Texts} texts
 * @param {TrackDocument} document
 * @param {Selection} selection
 */
function subjectOf(texts, { layers }, { layers: chosen }) {
  if (chosen.length === 0) return texts("presets.camera");
  if (chosen.length > 1) return texts("presets.layers", { count: chosen.length });
  const [index] = chosen;
  return texts("presets.layer", { layer: layers[index]?.name || texts("shell.layer", { number: index + 1 }) });
}

/** @param {string} name */
function glyph(name) {
  const thing = s("rect", { class: "wanmove-glyph-thing", x: 11.5, y: 7.5, width: 9, height: 9, rx: 2 });
  const way = s("path", { class: "wanmove-glyph-way", d: WAYS[name] ?? "" });
  return s("svg", { class: "wanmove-glyph", viewBox: "0 0 32 24", "aria-hidden": "true" }, way, thing);
}
