/** Smart select on the stage: what to do, keep and leave strokes, taking the outline or not. */

import { createButton, setPressed } from "./buttons.js";
import { h } from "./dom.js";
import { watch } from "./watch.js";

/** @import { EditorState, View } from "../types.js" */
/** @import { Shell } from "./shell.js" */

/** @type {readonly { stroke: "box" | "keep" | "leave", icon: "smart" | "plus" | "minus" }[]} */
const STROKES = [
  { stroke: "box", icon: "smart" },
  { stroke: "keep", icon: "plus" },
  { stroke: "leave", icon: "minus" },
];

/**
 * @param {Shell} shell
 * @returns {View}
 */
export function createSmartPanel({ context, lifetime }) {
  const { store, texts } = context;
  const words = h("p", { class: "wanmove-smart-words", role: "status" });
  const strokes = STROKES.map(({ stroke, icon }) => {
    const button = createButton(texts, lifetime, { icon, text: `smart.${stroke}`, toggle: true }, () =>
      store.dispatch({ type: "set-options", options: { smartStroke: stroke } }),
    );
    return { stroke, button };
  });
  const accept = wordButton("smart.accept", "smart-accept", "wanmove-main-button");
  const cancel = wordButton("smart.cancel", "smart-cancel", "wanmove-small-button");
  const refine = h("div", { class: "wanmove-strip-group", role: "group" }, ...strokes.map(({ button }) => button));
  const element = h("div", { class: "wanmove-smart" }, words, h("div", { class: "wanmove-smart-row" }, refine, accept, cancel));

  watch(
    store,
    lifetime,
    ({ tool, smart, options }) => [tool, smart, options.smartStroke],
    (tool, smart, chosen) => {
      element.hidden = tool !== "smart" && smart === null;
      words.textContent = smart?.error ? smart.error : texts(stepOf(smart));
      element.toggleAttribute("data-waiting", smart?.waiting ?? false);
      refine.hidden = !smart?.outline && !smart?.strokes.length;
      accept.hidden = !smart?.outline;
      cancel.hidden = smart === null;
      for (const { stroke, button } of strokes) setPressed(button, stroke === chosen);
    },
  );
  return { element, dispose: () => element.remove() };

  /**
   * @param {string} text
   * @param {"smart-accept" | "smart-cancel"} type
   * @param {string} look
   */
  function wordButton(text, type, look) {
    const button = h("button", { type: "button", class: look }, texts(text));
    lifetime.listen(button, "click", () => store.dispatch({ type }));
    return button;
  }
}

/** @param {EditorState["smart"]} smart */
function stepOf(smart) {
  if (!smart) return "smart.start";
  if (smart.waiting) return "smart.waiting";
  return smart.outline ? "smart.refine" : "smart.start";
}
