/** How well the last run followed what was asked, in a line over the stage; and whether that was an older drawing. */

import { parseDocument, serialiseDocument } from "../model/document.js";
import { h } from "./dom.js";
import { watch } from "./watch.js";

/** @import { MeasuredRun, Texts, TrackDocument, View } from "../types.js" */
/** @import { Shell } from "./shell.js" */

/**
 * @param {Shell} shell
 * @returns {View}
 */
export function createMeasuredNote({ context, lifetime }) {
  const { store, texts } = context;
  const words = h("span", {});
  const older = h("span", { class: "wanmove-measured-older" }, texts("measured.older"));
  const element = h("div", { class: "wanmove-measured", role: "status", title: texts("measured.what") }, words, older);
  watch(
    store,
    lifetime,
    ({ measured, overlays, committed }) => [measured, overlays.achieved, committed.document],
    (run, shown, document) => {
      element.hidden = run === null || !shown;
      if (run === null || !shown) return;
      words.textContent = figuresOf(run, texts);
      older.hidden = isOf(run, document);
    },
  );
  return { element, dispose: () => element.remove() };
}

/**
 * Whether a run's tracks were made from this document.
 *
 * @param {MeasuredRun} run
 * @param {TrackDocument} document
 */
export function isOf({ document: text }, document) {
  try {
    return text.trim() !== "" && serialiseDocument(parseDocument(text)) === serialiseDocument(document);
  } catch {
    return false;
  }
}

/**
 * @param {MeasuredRun} run
 * @param {Texts} texts
 */
function figuresOf({ measured: { meanError, withinPercent, lostPercent, count } }, texts) {
  if (meanError === null || count === 0) return texts("measured.nothing");
  const parts = [texts("measured.mean", { mean: meanError.toFixed(1) })];
  if (withinPercent !== null) parts.push(texts("measured.within", { percent: withinPercent.toFixed(0) }));
  if (lostPercent !== null) parts.push(texts("measured.lost", { percent: lostPercent.toFixed(0) }));
  return parts.join(" · ");
}
