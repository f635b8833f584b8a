/** What the model will not be told as it was drawn: a list, each entry naming its layer, with a button that mends it. */

import { layerTitle } from "../model/document.js";
import { whenAtRest } from "./at_rest.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** @import { EditorContext, EditorState, Finding } from "../types.js" */
/** @import { Shell } from "./shell.js" */

/**
 * @param {Shell} shell
 * @param {(findings: readonly Finding[]) => void} changed
 * @returns {HTMLElement}
 */
export function createFindingsPanel({ context, lifetime }, changed) {
  const list = h("ul", { class: "wanmove-findings" });
  /** @type {readonly Finding[]} */
  let findings = [];
  lifetime.listen(list, "click", (event) => {
    const pressed = /** @type {Element} */ (event.target).closest("button");
    const finding = findings[Number(pressed?.dataset.finding)];
    if (!pressed || !finding) return;
    if (pressed.dataset.fix) mend(context, finding);
    else jump(context, finding);
  });
  whenAtRest(context, lifetime, (derived, state) => {
    // Nothing drawn is nothing to mend: the first steps say what to do.
    findings = state.document.layers.length ? derived.findings : [];
    list.replaceChildren(...findings.map((finding, index) => entry(context, state, finding, index)));
    changed(findings);
  });
  return list;
}

/**
 * @param {EditorContext} context
 * @param {EditorState} state
 * @param {Finding} finding
 * @param {number} index
 */
function entry({ texts, host }, { document }, finding, index) {
  const { kind, layer, count, of, values, fix } = finding;
  const title = layer === null ? texts("findings.whole") : layerTitle(document, layer);
  const filled = { ...values, count, of, layer: title };
  const words = [h("strong", {}, title), h("span", {}, texts(`finding.${kind}`, filled))];
  const mendable = fix !== null && (typeof fix === "function" || host.setClip !== undefined);
  return h(
    "li",
    { class: "wanmove-finding" },
    icon("warning"),
    h("button", { type: "button", class: "wanmove-finding-words", "data-finding": index }, ...words),
    ...(mendable
      ? [
          h(
            "button",
            { type: "button", class: "wanmove-small-button", "data-finding": index, "data-fix": "yes" },
            texts(`fix.${kind}`, filled),
          ),
        ]
      : []),
  );
}

/**
 * @param {EditorContext} context
 * @param {Finding} finding
 */
function mend({ store, host }, { fix }) {
  const { document, clip } = store.state();
  if (typeof fix === "function") store.dispatch({ type: "edit", document: fix(document) });
  else if (fix) host.setClip?.({ ...clip, length: fix.length });
}

/**
 * To the layer, and to the start where the finding is about how it starts.
 *
 * @param {EditorContext} context
 * @param {Finding} finding
 */
function jump({ store }, { kind, layer, values }) {
  if (layer !== null) store.dispatch({ type: "select", selection: { layers: [layer], points: [], key: null } });
  const { clip } = store.state();
  if (kind === "start-outside" || kind === "hidden-start" || kind === "far-edge") {
    store.dispatch({ type: "set-progress", progress: 0 });
  } else if (typeof values.frame === "number") {
    store.dispatch({ type: "set-progress", progress: Math.min(values.frame / Math.max(clip.length - 1, 1), 1) });
  }
}
